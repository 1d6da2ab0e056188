//! Where control goes when something raises: cold blocks behind the rest of the function.

use rumba_ir::{Edge, InstanceId, SiteId, Value};
use rumba_types::{Type, TypeKind};

use super::emitter::{Effects, Emitter, Ir, Label};
use super::function::FunctionLowering;
use super::memory;

/// How the exception comes about.
pub(super) enum Cause {
    /// The site's own exception, with its operands. The exception takes a reference of its own to their
    /// memory, because it outlives the function.
    Raise { args: Vec<Value> },
    /// Something that was called has raised; this site joins the traceback.
    Callee,
    /// The exception is complete.
    Complete,
}

/// A cold block that has been branched to and is still empty.
pub(super) struct ColdPath<'e> {
    pub block: Label,
    /// Where the exception is handled, if not by a caller.
    pub handler: Option<&'e Edge>,
    pub site: Option<SiteId>,
    pub cause: Cause,
    pub cleanup: Vec<Value>,
}

/// The token of a site in the whole process.
pub(super) fn token(emitter: &Emitter<'_>, instance: InstanceId, site: Option<SiteId>) -> Ir {
    let site = site.expect("an instruction that can raise names its site");
    emitter.site_token(instance, site)
}

impl FunctionLowering<'_, '_, '_> {
    /// Goes on in a new block if `fine`, else raises.
    pub fn go_on_if(&mut self, fine: Ir, site: Option<SiteId>, cause: Cause, cleanup: &[Value]) {
        let cold = self.emitter.append_block(self.llvm_function);
        let next = self.emitter.following_block(self.llvm_function);
        self.emitter.branch_likely(fine, next, cold);
        let (handler, cleanup) = (self.handler, cleanup.to_vec());
        self.cold_paths.push(ColdPath { block: cold, handler, site, cause, cleanup });
        self.emitter.position_at_end(next);
    }

    /// Goes on if a status is 0.
    pub fn go_on_if_ok(&mut self, status: Ir, site: Option<SiteId>, cause: Cause, cleanup: &[Value]) {
        let fine =
            self.emitter.icmp(llvm_sys::LLVMIntPredicate::LLVMIntEQ, status, self.emitter.const_i32(0));
        self.go_on_if(fine, site, cause, cleanup);
    }

    /// Fills the cold blocks that the function's blocks branch to.
    pub fn lower_cold_paths(&mut self) {
        for path in std::mem::take(&mut self.cold_paths) {
            self.emitter.position_at_end(path.block);
            self.handler = path.handler;
            self.raise_here(path.site, path.cause, &path.cleanup);
        }
    }

    /// Ends the current block by raising: goes to its handler, or returns.
    pub fn raise_here(&mut self, site: Option<SiteId>, cause: Cause, cleanup: &[Value]) {
        let (pointer, word) = (Type::pointer(), Type::uint64());
        let ctx = self.ctx();
        match cause {
            Cause::Raise { args } => {
                let (types, operands) = (self.flatten_types(&args), self.flatten(&args));
                let slots =
                    if operands.is_empty() { self.emitter.null() } else { self.scratch(operands.len()) };
                memory::pack(self.emitter, &types, &operands, slots);
                let params = [pointer, word, word, pointer];
                let raise = self.emitter.declare_runtime("rumba_raise", &params, None, Effects::Cold);
                let token = token(self.emitter, self.function.id, site);
                let n_slots = self.emitter.const_i64(operands.len() as i64);
                self.emitter.call(raise, &[ctx, token, n_slots, slots], 0);
                for arg in args {
                    self.retain(arg);
                }
            }
            Cause::Callee => {
                let propagate =
                    self.emitter.declare_runtime("rumba_propagate", &[pointer, word], None, Effects::Cold);
                let token = token(self.emitter, self.function.id, site);
                self.emitter.call(propagate, &[ctx, token], 0);
            }
            Cause::Complete => {}
        }
        for value in cleanup {
            self.release(*value);
        }
        if let Some(handler) = self.handler {
            self.jump(handler);
            return;
        }
        let mut results = vec![self.emitter.const_i32(1)];
        let scalars = self.emitter.scalars(self.function.result);
        results.extend(scalars.iter().map(|scalar| self.emitter.poison(*scalar)));
        assert!(self.can_raise, "{} is said not to raise, but does", self.function.name);
        self.emitter.ret(&results);
    }

    /// Counts one more reference to every allocation that a value holds.
    pub fn retain(&mut self, value: Value) {
        self.count(value, "rumba_retain", Effects::Invisible);
    }

    /// Gives up a reference to every allocation that a value holds.
    pub fn release(&mut self, value: Value) {
        self.count(value, "rumba_release", Effects::Any);
    }

    fn count(&mut self, value: Value, symbol: &'static str, effects: Effects) {
        let mut owners = Vec::new();
        let ty = self.function.ty(value);
        let scalars = match ty.kind() {
            TypeKind::Frame(content) => {
                owner_positions(*content, &mut 0, &mut owners);
                memory::unpack(self.emitter, &content.scalars(), self.scalars_of(value)[0])
            }
            _ => {
                owner_positions(ty, &mut 0, &mut owners);
                self.scalars_of(value).to_vec()
            }
        };
        for position in owners {
            let owner = scalars[position];
            let callee = self.emitter.declare_runtime(symbol, &[Type::pointer()], None, effects);
            self.emitter.call(callee, &[owner], 0);
        }
    }
}

/// Which of a type's scalars are owner words.
fn owner_positions(ty: Type, next: &mut usize, owners: &mut Vec<usize>) {
    match (ty.owner_field(), ty.fields()) {
        (_, None) => *next += 1,
        (Some(owner), Some(fields)) => {
            owners.push(*next + owner);
            *next += fields.len();
        }
        (None, Some(fields)) => fields.into_iter().for_each(|field| owner_positions(field, next, owners)),
    }
}
