//! Builds LLVM IR: types, declarations and the instructions that lowering uses.
//!
//! This is the only file of `lower` that speaks LLVM's C interface. Its handles ([`Ir`], [`Label`]) come from here,
//! belong to the module under construction, and never outlive the [`Emitter`] that lowering holds; that is what makes
//! the calls sound.

use std::ffi::{CString, c_char, c_uint};
use std::marker::PhantomData;
use std::rc::Rc;

use llvm_sys::core::*;
use llvm_sys::prelude::{
    LLVMBasicBlockRef, LLVMBuilderRef, LLVMContextRef, LLVMMetadataRef, LLVMModuleRef, LLVMTypeRef,
    LLVMValueRef,
};
use llvm_sys::{LLVMCallConv, LLVMIntPredicate, LLVMLinkage, LLVMOpcode, LLVMRealPredicate, LLVMVisibility};
use rumba_ir::{InstanceId, SiteId};
use rumba_types::layout::array_field;
use rumba_types::{FloatKind, Type, TypeKind};
use rustc_hash::FxHashMap;

use super::{Callee, FastMath, Signature, internal_symbol, token_symbol};
use crate::module::Module;

/// An LLVM value.
pub(super) type Ir = LLVMValueRef;
/// An LLVM basic block.
pub(super) type Label = LLVMBasicBlockRef;

/// Calls LLVM's C interface.
macro_rules! llvm {
    ($call:expr) => {{
        // SAFETY: the module and its context outlive the emitter, and every handle was made in them (see the module
        // comment); arrays are passed with their length and strings with a terminating NUL.
        unsafe { $call }
    }};
}

const NO_NAME: *const c_char = c"".as_ptr();

/// How unlikely an exception is: the weights of the branch that goes on and of the one that raises.
const LIKELY: (u32, u32) = (1_000_000, 1);

/// A declared function: its value and type.
#[derive(Clone, Copy)]
pub(super) struct Declaration {
    pub function: Ir,
    pub ty: LLVMTypeRef,
    calling_convention: c_uint,
}

/// How a scalar is passed to or returned by a C function.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extension {
    None,
    Zero,
    Sign,
}

/// What is known of a C function's effects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Effects {
    /// Depends on its arguments alone, always returns.
    Pure,
    /// Touches only memory that compiled code never sees, and always returns.
    Invisible,
    /// Rarely called.
    Cold,
    Any,
}

pub(super) struct Emitter<'m> {
    context: LLVMContextRef,
    module: LLVMModuleRef,
    builder: LLVMBuilderRef,
    fast_math: FastMath,
    scalars: FxHashMap<Type, Rc<[Type]>>,
    runtime: FxHashMap<&'static str, Declaration>,
    likely: Option<LLVMValueRef>,
    /// What accesses to elements of arrays and to fields of instances are marked by, where a function has fields.
    memory_tags: Option<[LLVMValueRef; 2]>,
    _module: PhantomData<&'m Module>,
}

impl Drop for Emitter<'_> {
    fn drop(&mut self) {
        llvm!(LLVMDisposeBuilder(self.builder));
    }
}

/// Types and declarations.
impl<'m> Emitter<'m> {
    pub fn new(module: &'m Module) -> Emitter<'m> {
        let context = module.context_ref();
        Emitter {
            context,
            module: module.module_ref(),
            builder: llvm!(LLVMCreateBuilderInContext(context)),
            fast_math: FastMath::NONE,
            scalars: FxHashMap::default(),
            runtime: FxHashMap::default(),
            likely: None,
            memory_tags: None,
            _module: PhantomData,
        }
    }

    pub fn set_fast_math(&mut self, flags: FastMath) {
        self.fast_math = flags;
    }

    /// The scalars of a type, remembered.
    pub fn scalars(&mut self, ty: Type) -> Rc<[Type]> {
        self.scalars.entry(ty).or_insert_with(|| ty.scalars().into()).clone()
    }

    /// The LLVM type of a scalar in a register.
    pub fn scalar_type(&self, ty: Type) -> LLVMTypeRef {
        match ty.kind() {
            TypeKind::Bool => self.int_type(1),
            TypeKind::Int(kind) => self.int_type(u32::from(kind.bits)),
            TypeKind::Float(FloatKind::F32) => llvm!(LLVMFloatTypeInContext(self.context)),
            TypeKind::Float(FloatKind::F64) => llvm!(LLVMDoubleTypeInContext(self.context)),
            TypeKind::Pointer => self.pointer_type(),
            _ => panic!("{ty} is not a machine scalar"),
        }
    }

    pub fn int_type(&self, bits: u32) -> LLVMTypeRef {
        llvm!(LLVMIntTypeInContext(self.context, bits))
    }

    pub fn pointer_type(&self) -> LLVMTypeRef {
        llvm!(LLVMPointerTypeInContext(self.context, 0))
    }

    fn void_type(&self) -> LLVMTypeRef {
        llvm!(LLVMVoidTypeInContext(self.context))
    }

    fn function_type(&self, result: LLVMTypeRef, params: &mut [LLVMTypeRef]) -> LLVMTypeRef {
        llvm!(LLVMFunctionType(result, params.as_mut_ptr(), params.len() as u32, 0))
    }

    /// `void`, the only element, or a structure.
    fn result_type(&self, elements: &mut [LLVMTypeRef]) -> LLVMTypeRef {
        match elements {
            [] => self.void_type(),
            [one] => *one,
            _ => {
                llvm!(LLVMStructTypeInContext(self.context, elements.as_mut_ptr(), elements.len() as u32, 0))
            }
        }
    }

    fn add_function(&self, symbol: &str, ty: LLVMTypeRef) -> Ir {
        let symbol = CString::new(symbol).expect("symbols hold no NUL");
        // Its address may have been taken before it is defined.
        let known = llvm!(LLVMGetNamedFunction(self.module, symbol.as_ptr()));
        if !known.is_null() {
            return known;
        }
        let function = llvm!(LLVMAddFunction(self.module, symbol.as_ptr(), ty));
        self.add_function_attribute(function, "nounwind");
        function
    }

    fn attribute(&self, name: &str) -> llvm_sys::prelude::LLVMAttributeRef {
        let kind = llvm!(LLVMGetEnumAttributeKindForName(name.as_ptr().cast(), name.len()));
        debug_assert_ne!(kind, 0, "LLVM knows no attribute {name}");
        llvm!(LLVMCreateEnumAttribute(self.context, kind, 0))
    }

    fn add_function_attribute(&self, function: Ir, name: &str) {
        let attribute = self.attribute(name);
        llvm!(LLVMAddAttributeAtIndex(function, llvm_sys::LLVMAttributeFunctionIndex, attribute));
    }

    /// Parameters count from 0.
    fn add_param_attribute(&self, function: Ir, param: usize, name: &str) {
        let attribute = self.attribute(name);
        llvm!(LLVMAddAttributeAtIndex(function, param as u32 + 1, attribute));
    }

    /// Says that a 64-bit integer parameter is at least `least` and less than `bound`.
    fn add_range_attribute(&self, function: Ir, param: usize, least: i64, bound: i64) {
        let name = "range";
        let kind = llvm!(LLVMGetEnumAttributeKindForName(name.as_ptr().cast(), name.len()));
        let (least, bound) = (least as u64, bound as u64);
        let attribute = llvm!(LLVMCreateConstantRangeAttribute(self.context, kind, 64, &least, &bound));
        llvm!(LLVMAddAttributeAtIndex(function, param as u32 + 1, attribute));
    }

    /// `memory(...)`: two bits (1 reads, 2 writes) for each of argument memory, inaccessible memory and the rest.
    fn add_memory_attribute(&self, function: Ir, effects: u64) {
        let name = "memory";
        let kind = llvm!(LLVMGetEnumAttributeKindForName(name.as_ptr().cast(), name.len()));
        let attribute = llvm!(LLVMCreateEnumAttribute(self.context, kind, effects));
        llvm!(LLVMAddAttributeAtIndex(function, llvm_sys::LLVMAttributeFunctionIndex, attribute));
    }

    /// The number by which the runtime and the host know a site. It holds the instance's id, which differs from
    /// process to process; as the address of a symbol it is put in when the code is loaded.
    pub fn site_token(&self, instance: InstanceId, site: SiteId) -> Ir {
        let name = CString::new(token_symbol(instance)).expect("symbols hold no NUL");
        let known = llvm!(LLVMGetNamedGlobal(self.module, name.as_ptr()));
        let base = if known.is_null() {
            llvm!(LLVMAddGlobal(self.module, self.int_type(8), name.as_ptr()))
        } else {
            known
        };
        let base = llvm!(LLVMConstPtrToInt(base, self.int_type(64)));
        llvm!(LLVMConstAdd(base, self.const_i64(i64::from(site.0))))
    }

    /// The internal function of an instance. Hidden, so that calls within an object go straight to it.
    pub fn declare_internal(&mut self, id: InstanceId, signature: &Signature) -> Callee {
        let mut params = vec![self.pointer_type()];
        let mut extents = Vec::new();
        for ty in &signature.params {
            if let Some(array) = ty.as_array() {
                let first = params.len() + array_field::FIRST_EXTENT;
                extents.extend(first..first + usize::from(array.ndim));
            }
            params.extend(self.scalars(*ty).iter().map(|scalar| self.scalar_type(*scalar)));
        }
        let mut results = Vec::new();
        if signature.can_raise {
            results.push(self.int_type(32));
        }
        results.extend(self.scalars(signature.result).iter().map(|scalar| self.scalar_type(*scalar)));
        let ty = self.function_type(self.result_type(&mut results), &mut params);
        let function = self.add_function(&internal_symbol(id), ty);
        let calling_convention = LLVMCallConv::LLVMFastCallConv as c_uint;
        llvm!(LLVMSetFunctionCallConv(function, calling_convention));
        llvm!(LLVMSetVisibility(function, LLVMVisibility::LLVMHiddenVisibility));
        for attribute in ["noalias", "nonnull", "noundef"] {
            self.add_param_attribute(function, 0, attribute);
        }
        for param in extents {
            self.add_range_attribute(function, param, 0, i64::MAX);
        }
        Callee {
            declaration: Declaration { function, ty, calling_convention },
            can_raise: signature.can_raise,
        }
    }

    /// An entry function: `i32 (ptr ctx, ptr args, ptr results)`.
    pub fn declare_entry(&mut self, symbol: &str) -> Declaration {
        let ty = self.function_type(self.int_type(32), &mut [self.pointer_type(); 3]);
        let function = self.add_function(symbol, ty);
        for (param, attributes) in [
            &["noalias", "nonnull", "noundef"][..],
            &["noalias", "noundef", "readonly"],
            &["noalias", "noundef", "writeonly"],
        ]
        .into_iter()
        .enumerate()
        {
            for attribute in attributes {
                self.add_param_attribute(function, param, attribute);
            }
        }
        Declaration { function, ty, calling_convention: LLVMCallConv::LLVMCCallConv as c_uint }
    }

    /// The entry function at an address.
    pub fn entry_at(&self, address: Ir) -> Declaration {
        let ty = self.function_type(self.int_type(32), &mut [self.pointer_type(); 3]);
        Declaration { function: address, ty, calling_convention: LLVMCallConv::LLVMCCallConv as c_uint }
    }

    /// A C function of the runtime.
    pub fn declare_runtime(
        &mut self,
        symbol: &'static str,
        params: &[Type],
        result: Option<Type>,
        effects: Effects,
    ) -> Declaration {
        if let Some(declaration) = self.runtime.get(symbol) {
            return *declaration;
        }
        let declaration = self.declare_c(symbol, params, result);
        let function = declaration.function;
        match effects {
            Effects::Pure => {
                self.add_memory_attribute(function, 0);
                for attribute in ["willreturn", "nofree", "nosync", "speculatable"] {
                    self.add_function_attribute(function, attribute);
                }
            }
            Effects::Invisible => {
                const INACCESSIBLE_READ_WRITE: u64 = 0b1100;
                self.add_memory_attribute(function, INACCESSIBLE_READ_WRITE);
                self.add_function_attribute(function, "willreturn");
            }
            Effects::Cold => self.add_function_attribute(function, "cold"),
            Effects::Any => {}
        }
        self.runtime.insert(symbol, declaration);
        declaration
    }

    /// A function with the calling convention of C, whose narrow integers are extended as rustc and clang have it.
    pub fn declare_c(&self, symbol: &str, params: &[Type], result: Option<Type>) -> Declaration {
        let ty = self.c_type(params, result);
        let function = self.add_function(symbol, ty);
        for (index, ty) in std::iter::once(result).chain(params.iter().copied().map(Some)).enumerate() {
            let name = match ty.map_or(Extension::None, extension) {
                Extension::None => continue,
                Extension::Zero => "zeroext",
                Extension::Sign => "signext",
            };
            // Index 0 is the result.
            llvm!(LLVMAddAttributeAtIndex(function, index as u32, self.attribute(name)));
        }
        Declaration { function, ty, calling_convention: LLVMCallConv::LLVMCCallConv as c_uint }
    }

    /// A function of C at an address, without narrow integers.
    pub fn c_function_at(&self, address: u64, params: &[Type], result: Option<Type>) -> Declaration {
        Declaration {
            function: self.const_address(address),
            ty: self.c_type(params, result),
            calling_convention: LLVMCallConv::LLVMCCallConv as c_uint,
        }
    }

    fn c_type(&self, params: &[Type], result: Option<Type>) -> LLVMTypeRef {
        let mut types: Vec<LLVMTypeRef> = params.iter().map(|ty| self.scalar_type(*ty)).collect();
        self.function_type(result.map_or(self.void_type(), |ty| self.scalar_type(ty)), &mut types)
    }

    /// A variable of the runtime.
    pub fn runtime_variable(&mut self, symbol: &'static str, ty: Type) -> Ir {
        let name = CString::new(symbol).expect("symbols hold no NUL");
        let known = llvm!(LLVMGetNamedGlobal(self.module, name.as_ptr()));
        if !known.is_null() {
            return known;
        }
        let variable = llvm!(LLVMAddGlobal(self.module, self.scalar_type(ty), name.as_ptr()));
        llvm!(LLVMSetLinkage(variable, LLVMLinkage::LLVMExternalLinkage));
        variable
    }

    /// The address of constant bytes.
    pub fn data(&mut self, bytes: &[u8]) -> Ir {
        let (data, n_bytes) = (bytes.as_ptr().cast(), bytes.len());
        let constant = llvm!(LLVMConstStringInContext2(self.context, data, n_bytes, 1));
        let variable = llvm!(LLVMAddGlobal(self.module, LLVMTypeOf(constant), c"".as_ptr()));
        llvm!(LLVMSetInitializer(variable, constant));
        llvm!(LLVMSetGlobalConstant(variable, 1));
        llvm!(LLVMSetLinkage(variable, LLVMLinkage::LLVMPrivateLinkage));
        llvm!(LLVMSetUnnamedAddress(variable, llvm_sys::LLVMUnnamedAddr::LLVMGlobalUnnamedAddr));
        llvm!(LLVMSetAlignment(variable, 16));
        variable
    }
}

fn extension(ty: Type) -> Extension {
    match ty.kind() {
        TypeKind::Bool => Extension::Zero,
        TypeKind::Int(kind) if kind.bits < 32 && kind.signed => Extension::Sign,
        TypeKind::Int(kind) if kind.bits < 32 => Extension::Zero,
        _ => Extension::None,
    }
}

/// Blocks and control flow.
impl Emitter<'_> {
    pub fn param(&self, function: Ir, index: usize) -> Ir {
        llvm!(LLVMGetParam(function, index as u32))
    }

    pub fn append_block(&self, function: Ir) -> Label {
        llvm!(LLVMAppendBasicBlockInContext(self.context, function, NO_NAME))
    }

    /// A block right behind the current one.
    pub fn following_block(&self, function: Ir) -> Label {
        let block = self.append_block(function);
        llvm!(LLVMMoveBasicBlockAfter(block, self.current_block()));
        block
    }

    pub fn current_block(&self) -> Label {
        llvm!(LLVMGetInsertBlock(self.builder))
    }

    pub fn position_at_end(&self, block: Label) {
        llvm!(LLVMPositionBuilderAtEnd(self.builder, block));
    }

    pub fn jump(&self, target: Label) {
        llvm!(LLVMBuildBr(self.builder, target));
    }

    pub fn branch(&self, condition: Ir, then: Label, otherwise: Label) {
        llvm!(LLVMBuildCondBr(self.builder, condition, then, otherwise));
    }

    /// A branch that nearly always goes to `then`.
    pub fn branch_likely(&mut self, condition: Ir, then: Label, otherwise: Label) {
        let likely = *self.likely.get_or_insert_with(|| {
            let word = |value| {
                llvm!(LLVMValueAsMetadata(LLVMConstInt(LLVMInt32TypeInContext(self.context), value, 0)))
            };
            let name = "branch_weights";
            let name = llvm!(LLVMMDStringInContext2(self.context, name.as_ptr().cast(), name.len()));
            let mut parts = [name, word(u64::from(LIKELY.0)), word(u64::from(LIKELY.1))];
            let node = llvm!(LLVMMDNodeInContext2(self.context, parts.as_mut_ptr(), parts.len()));
            llvm!(LLVMMetadataAsValue(self.context, node))
        });
        let branch = llvm!(LLVMBuildCondBr(self.builder, condition, then, otherwise));
        let kind = "prof";
        let kind = llvm!(LLVMGetMDKindIDInContext(self.context, kind.as_ptr().cast(), kind.len() as u32));
        llvm!(LLVMSetMetadata(branch, kind, likely));
    }

    pub fn unreachable(&self) {
        llvm!(LLVMBuildUnreachable(self.builder));
    }

    pub fn phi(&self, ty: Type) -> Ir {
        let phi = llvm!(LLVMBuildPhi(self.builder, self.scalar_type(ty), NO_NAME));
        self.with_flags(phi)
    }

    pub fn add_incoming(&self, phi: Ir, mut value: Ir, mut from: Label) {
        llvm!(LLVMAddIncoming(phi, &mut value, &mut from, 1));
    }

    /// Returns nothing, one value, or a structure of them.
    pub fn ret(&self, values: &[Ir]) {
        match values {
            [] => llvm!(LLVMBuildRetVoid(self.builder)),
            [one] => llvm!(LLVMBuildRet(self.builder, *one)),
            _ => {
                let mut values = values.to_vec();
                llvm!(LLVMBuildAggregateRet(self.builder, values.as_mut_ptr(), values.len() as u32))
            }
        };
    }

    /// Calls a function and gives what it returns: nothing, one value, or the elements of a structure.
    pub fn call(&self, callee: Declaration, args: &[Ir], n_results: usize) -> Vec<Ir> {
        let mut args = args.to_vec();
        let call = llvm!(LLVMBuildCall2(
            self.builder,
            callee.ty,
            callee.function,
            args.as_mut_ptr(),
            args.len() as u32,
            NO_NAME
        ));
        llvm!(LLVMSetInstructionCallConv(call, callee.calling_convention));
        match n_results {
            0 => Vec::new(),
            1 => vec![self.with_flags(call)],
            _ => (0..n_results as u32)
                .map(|index| llvm!(LLVMBuildExtractValue(self.builder, call, index, NO_NAME)))
                .collect(),
        }
    }

    /// An intrinsic that is overloaded on `overloads`.
    pub fn intrinsic(&self, name: &str, overloads: &[LLVMTypeRef], args: &[Ir]) -> Ir {
        let mut overloads = overloads.to_vec();
        let mut args = args.to_vec();
        let id = llvm!(LLVMLookupIntrinsicID(name.as_ptr().cast(), name.len()));
        debug_assert_ne!(id, 0, "LLVM knows no intrinsic {name}");
        let (types, n_types) = (overloads.as_mut_ptr(), overloads.len());
        let function = llvm!(LLVMGetIntrinsicDeclaration(self.module, id, types, n_types));
        let ty = llvm!(LLVMIntrinsicGetType(self.context, id, types, n_types));
        let call =
            llvm!(LLVMBuildCall2(self.builder, ty, function, args.as_mut_ptr(), args.len() as u32, NO_NAME));
        self.with_flags(call)
    }

    /// The value of the stack pointer.
    pub fn stack_pointer(&self) -> Ir {
        let name = "rsp";
        let name = llvm!(LLVMMDStringInContext2(self.context, name.as_ptr().cast(), name.len()));
        let mut parts = [name];
        let node = llvm!(LLVMMDNodeInContext2(self.context, parts.as_mut_ptr(), parts.len()));
        let register = llvm!(LLVMMetadataAsValue(self.context, node));
        self.intrinsic("llvm.read_register", &[self.int_type(64)], &[register])
    }

    fn with_flags(&self, value: Ir) -> Ir {
        if self.fast_math != FastMath::NONE && llvm!(LLVMCanValueUseFastMathFlags(value)) != 0 {
            llvm!(LLVMSetFastMathFlags(value, self.fast_math.0));
        }
        value
    }
}

/// Constants and arithmetic.
impl Emitter<'_> {
    pub fn const_int(&self, ty: LLVMTypeRef, value: i64) -> Ir {
        // Bits beyond the type's width are cut off as if the value were unsigned.
        let bits = llvm!(LLVMGetIntTypeWidth(ty));
        let value = if bits < 64 { value as u64 & ((1 << bits) - 1) } else { value as u64 };
        llvm!(LLVMConstInt(ty, value, 0))
    }

    pub fn const_i32(&self, value: i32) -> Ir {
        self.const_int(self.int_type(32), i64::from(value))
    }

    pub fn const_i64(&self, value: i64) -> Ir {
        self.const_int(self.int_type(64), value)
    }

    pub fn const_bool(&self, value: bool) -> Ir {
        self.const_int(self.int_type(1), i64::from(value))
    }

    pub fn const_float(&self, ty: LLVMTypeRef, value: f64) -> Ir {
        llvm!(LLVMConstReal(ty, value))
    }

    pub fn const_address(&self, address: u64) -> Ir {
        llvm!(LLVMConstIntToPtr(LLVMConstInt(self.int_type(64), address, 0), self.pointer_type()))
    }

    pub fn null(&self) -> Ir {
        llvm!(LLVMConstNull(self.pointer_type()))
    }

    pub fn zero(&self, ty: Type) -> Ir {
        llvm!(LLVMConstNull(self.scalar_type(ty)))
    }

    pub fn poison(&self, ty: Type) -> Ir {
        llvm!(LLVMGetPoison(self.scalar_type(ty)))
    }

    /// The value of an integer constant.
    pub fn as_const_int(&self, value: Ir) -> Option<i64> {
        let constant = llvm!(LLVMIsAConstantInt(value));
        (!constant.is_null()).then(|| llvm!(LLVMConstIntGetSExtValue(constant)))
    }

    pub fn type_of(&self, value: Ir) -> LLVMTypeRef {
        llvm!(LLVMTypeOf(value))
    }

    pub fn binary(&self, opcode: LLVMOpcode, lhs: Ir, rhs: Ir) -> Ir {
        let value = llvm!(LLVMBuildBinOp(self.builder, opcode, lhs, rhs, NO_NAME));
        if llvm!(LLVMIsAInstruction(value)).is_null() { value } else { self.with_flags(value) }
    }

    /// An addition that is known not to overflow.
    pub fn add_no_wrap(&self, lhs: Ir, rhs: Ir, signed: bool) -> Ir {
        if signed {
            llvm!(LLVMBuildNSWAdd(self.builder, lhs, rhs, NO_NAME))
        } else {
            llvm!(LLVMBuildNUWAdd(self.builder, lhs, rhs, NO_NAME))
        }
    }

    pub fn neg(&self, operand: Ir) -> Ir {
        llvm!(LLVMBuildNeg(self.builder, operand, NO_NAME))
    }

    pub fn fneg(&self, operand: Ir) -> Ir {
        let value = llvm!(LLVMBuildFNeg(self.builder, operand, NO_NAME));
        if llvm!(LLVMIsAInstruction(value)).is_null() { value } else { self.with_flags(value) }
    }

    pub fn not(&self, operand: Ir) -> Ir {
        llvm!(LLVMBuildNot(self.builder, operand, NO_NAME))
    }

    pub fn icmp(&self, predicate: LLVMIntPredicate, lhs: Ir, rhs: Ir) -> Ir {
        llvm!(LLVMBuildICmp(self.builder, predicate, lhs, rhs, NO_NAME))
    }

    pub fn fcmp(&self, predicate: LLVMRealPredicate, lhs: Ir, rhs: Ir) -> Ir {
        let value = llvm!(LLVMBuildFCmp(self.builder, predicate, lhs, rhs, NO_NAME));
        if llvm!(LLVMIsAInstruction(value)).is_null() { value } else { self.with_flags(value) }
    }

    pub fn select(&self, condition: Ir, then: Ir, otherwise: Ir) -> Ir {
        let value = llvm!(LLVMBuildSelect(self.builder, condition, then, otherwise, NO_NAME));
        if llvm!(LLVMIsAInstruction(value)).is_null() { value } else { self.with_flags(value) }
    }

    pub fn cast(&self, opcode: LLVMOpcode, value: Ir, ty: LLVMTypeRef) -> Ir {
        llvm!(LLVMBuildCast(self.builder, opcode, value, ty, NO_NAME))
    }

    /// Some value where `value` is poison.
    pub fn freeze(&self, value: Ir) -> Ir {
        llvm!(LLVMBuildFreeze(self.builder, value, NO_NAME))
    }
}

/// Memory.
impl Emitter<'_> {
    /// `n_slots` words of stack memory, allotted in the entry block `block` so that the frame has a fixed size.
    pub fn slots(&self, block: Label, n_slots: usize) -> Ir {
        let current = self.current_block();
        let first = llvm!(LLVMGetFirstInstruction(block));
        if first.is_null() {
            self.position_at_end(block);
        } else {
            llvm!(LLVMPositionBuilderBefore(self.builder, first));
        }
        let ty = llvm!(LLVMArrayType2(self.int_type(64), n_slots as u64));
        let memory = llvm!(LLVMBuildAlloca(self.builder, ty, NO_NAME));
        llvm!(LLVMSetAlignment(memory, 8));
        self.position_at_end(current);
        memory
    }

    /// Stack memory as `slots`, aligned to cache lines.
    pub fn stack_memory(&self, block: Label, bytes: u32) -> Ir {
        let memory = self.slots(block, (bytes as usize).div_ceil(8));
        llvm!(LLVMSetAlignment(memory, 64));
        memory
    }

    /// Says of an access that turns of the loop around it do not depend on each other through it: see
    /// `shim/independent_loops.h`.
    pub fn mark_independent(&self, access: Ir) {
        let kind = "rumba.independent";
        let kind = llvm!(LLVMGetMDKindIDInContext(self.context, kind.as_ptr().cast(), kind.len() as u32));
        let nothing = llvm!(LLVMMDNodeInContext2(self.context, std::ptr::null_mut(), 0));
        llvm!(LLVMSetMetadata(access, kind, LLVMMetadataAsValue(self.context, nothing)));
    }

    /// Tells elements of arrays and fields of instances apart from here on: so the address of an array that a field refers to
    /// need not be read again in each turn of a loop that writes elements.
    pub fn tell_fields_apart(&mut self) {
        if self.memory_tags.is_some() {
            return;
        }
        let string =
            |text: &str| llvm!(LLVMMDStringInContext2(self.context, text.as_ptr().cast(), text.len()));
        let node = |parts: &mut [LLVMMetadataRef]| {
            llvm!(LLVMMDNodeInContext2(self.context, parts.as_mut_ptr(), parts.len()))
        };
        let root = node(&mut [string("rumba")]);
        let zero = llvm!(LLVMValueAsMetadata(self.const_i64(0)));
        self.memory_tags = Some(["element", "field"].map(|name| {
            let ty = node(&mut [string(name), root, zero]);
            llvm!(LLVMMetadataAsValue(self.context, node(&mut [ty, ty, zero])))
        }));
    }

    /// Says which memory an access is to.
    pub fn mark_memory(&self, access: Ir, is_field: bool) {
        if let Some(tags) = self.memory_tags {
            let kind = llvm!(LLVMGetMDKindIDInContext(self.context, c"tbaa".as_ptr(), 4));
            llvm!(LLVMSetMetadata(access, kind, tags[usize::from(is_field)]));
        }
    }

    /// The address `bytes` behind `pointer`, in the same object.
    pub fn offset(&self, pointer: Ir, bytes: Ir) -> Ir {
        let mut index = bytes;
        llvm!(LLVMBuildInBoundsGEP2(self.builder, self.int_type(8), pointer, &mut index, 1, NO_NAME))
    }

    pub fn offset_const(&self, pointer: Ir, bytes: u64) -> Ir {
        if bytes == 0 { pointer } else { self.offset(pointer, self.const_i64(bytes as i64)) }
    }

    pub fn load(&self, ty: LLVMTypeRef, pointer: Ir, align: u64) -> Ir {
        let value = llvm!(LLVMBuildLoad2(self.builder, ty, pointer, NO_NAME));
        llvm!(LLVMSetAlignment(value, align as u32));
        value
    }

    pub fn load_volatile(&self, ty: LLVMTypeRef, pointer: Ir, align: u64) -> Ir {
        let value = self.load(ty, pointer, align);
        llvm!(LLVMSetVolatile(value, 1));
        value
    }

    pub fn store(&self, value: Ir, pointer: Ir, align: u64) -> Ir {
        let store = llvm!(LLVMBuildStore(self.builder, value, pointer));
        llvm!(LLVMSetAlignment(store, align as u32));
        store
    }
}
