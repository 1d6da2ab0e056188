//! Calls of functions of the interpreter from compiled code.

use crate::Emitter;
use rumba_ir::{SiteKind, Value};
use rumba_types::{ObjectId, Type};

impl Emitter<'_> {
    /// Calls a function of the interpreter that gives a tuple of values of these types.
    pub fn call_interpreter(&mut self, object: ObjectId, inputs: Vec<Value>, results: &[Type]) -> Vec<Value> {
        let mut operands: Vec<Value> = inputs.into_iter().map(|input| self.materialise(input)).collect();
        let mut end = 0;
        let mut places = Vec::with_capacity(results.len());
        for ty in results {
            places.push(end);
            end = (end + ty.storage().size).next_multiple_of(8);
        }
        let address = self.b.stack_memory(end.max(8));
        operands.push(address);
        let kind = SiteKind::CallObject { object, results: results.to_vec() };
        let site = self.host_site(kind, &operands);
        self.b.call_host(operands, site);
        let take = |(ty, place): (&Type, u32)| {
            let address = self.b.at(address, place);
            self.b.take_stored(address, *ty)
        };
        results.iter().zip(places).map(take).collect()
    }
}
