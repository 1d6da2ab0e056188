//! The places that compiled code can raise at, by token.

use rumba_ir::{InstanceId, Site};
use rumba_runtime::context::SiteToken;
use rustc_hash::FxHashMap;
use std::sync::{PoisonError, RwLock};

static SITES: RwLock<Option<FxHashMap<InstanceId, Vec<Site>>>> = RwLock::new(None);

pub(crate) fn register(instance: InstanceId, sites: Vec<Site>) {
    let mut table = SITES.write().unwrap_or_else(PoisonError::into_inner);
    table.get_or_insert_default().insert(instance, sites);
}

/// The site that a token of compiled code names.
pub fn site(token: SiteToken) -> Option<Site> {
    let table = SITES.read().unwrap_or_else(PoisonError::into_inner);
    table.as_ref()?.get(&InstanceId(token.instance()))?.get(token.site() as usize).cloned()
}
