//! Operations on every element of arrays: broadcasting, the array of results, and the body that becomes a loop.
//!
//! Everything that works element by element goes through here: ufuncs, operators, assignment to views, conversion. What
//! is computed stands in a body, a function of scalars; the passes of the compiler fuse bodies and make loops of them.

use super::assign::shape_placeholders;
use crate::{Emit, Emitter};
use rumba_ir::{Block, BodyId, Builder, Function, Terminator, Value};
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type, TypeKind};

/// A body, and the values that its parameters stand for.
struct Body {
    id: BodyId,
    inputs: Vec<Value>,
    result: Type,
}

impl Emitter<'_> {
    /// A new array (a tuple of them, if `body` gives a tuple) of what `body` computes from one element of each operand.
    /// Operands are arrays, which broadcast, and numbers or constants, which are the same for every element. At least
    /// one is an array.
    ///
    /// Raises `ValueError` where shapes do not fit, and `MemoryError`.
    pub(crate) fn map(
        &mut self,
        operands: &[Value],
        body: impl FnOnce(&mut Emitter<'_>, &[Value]) -> Emit,
    ) -> Emit {
        let ndim = self.largest_rank(operands);
        let in_fortran_order = ndim >= 2
            && operands
                .iter()
                .filter_map(|operand| self.ty(*operand).as_array())
                .all(|array| array.layout == Layout::F && array.ndim == ndim);
        if in_fortran_order {
            let reversed: Vec<Value> = operands
                .iter()
                .map(|operand| if self.has_axes(*operand) { self.transposed(*operand) } else { *operand })
                .collect();
            let result = self.map(&reversed, body)?;
            return Ok(match self.ty(result).as_tuple() {
                Some(_) => {
                    let parts = self.tuple_elements(result);
                    let parts = parts.into_iter().map(|part| self.transposed(part)).collect();
                    self.tuple(parts)
                }
                None => self.transposed(result),
            });
        }
        let extents = self.broadcast_extents(operands)?;
        let body = self.body(operands, body)?;
        let dtypes = match body.result.as_tuple() {
            Some(dtypes) => dtypes.to_vec(),
            None => vec![body.result],
        };
        let mut targets = Vec::with_capacity(dtypes.len());
        for dtype in dtypes {
            targets.push(self.allocate_array(dtype, &extents, Layout::C, false)?);
        }
        let site = self.call_site();
        self.b.elementwise(body.id, body.inputs, targets.clone(), true, site);
        Ok(if body.result.as_tuple().is_some() { self.tuple(targets) } else { targets[0] })
    }

    /// Writes what `body` computes from one element of each operand into every element of `target`, to which the operands
    /// broadcast. The body gives a value of the target's dtype. Operands that overlap the target are read before it is
    /// written. `message` is that of the `ValueError` for shapes that do not fit.
    pub(crate) fn map_into(
        &mut self,
        target: Value,
        operands: &[Value],
        message: impl Fn(&str, &str) -> String,
        body: impl FnOnce(&mut Emitter<'_>, &[Value]) -> Emit,
    ) -> Emit<()> {
        let extents = self.extents(target);
        let mut fitting = Vec::with_capacity(operands.len());
        for operand in operands {
            fitting.push(match self.ty(*operand).as_array() {
                Some(_) => self.fitted(*operand, &extents, &message)?,
                None => *operand,
            });
        }
        let body = self.body(&fitting, body)?;
        debug_assert_eq!(body.result, self.array_type(target).dtype, "what a body gives is stored as it is");
        let site = self.call_site();
        self.b.elementwise(body.id, body.inputs, vec![target], false, site);
        Ok(())
    }

    /// The reduction of what `body` computes from one element of each operand, by a function of the runtime that takes
    /// blocks of results: see `rumba_ir::Op::Reduce`.
    pub(crate) fn reduce_elements(
        &mut self,
        function: &'static rumba_ir::RuntimeFunction,
        operands: &[Value],
        result: Type,
        body: impl FnOnce(&mut Emitter<'_>, &[Value]) -> Emit,
    ) -> Emit {
        let extents = self.broadcast_extents(operands)?;
        let body = self.body(operands, body)?;
        Ok(self.b.reduce(function, body.id, body.inputs, extents, result))
    }

    fn largest_rank(&self, operands: &[Value]) -> u8 {
        operands
            .iter()
            .filter_map(|operand| self.ty(*operand).as_array())
            .map(|array| array.ndim)
            .max()
            .unwrap_or(0)
    }

    /// The shape that the arrays among `operands` broadcast to. Raises `ValueError`.
    pub(crate) fn broadcast_extents(&mut self, operands: &[Value]) -> Emit<Vec<Value>> {
        let ndim = usize::from(self.largest_rank(operands));
        let mut shapes: Vec<Vec<Value>> = Vec::new();
        for operand in operands {
            if self.ty(*operand).as_array().is_some() {
                shapes.push(self.extents(*operand));
            }
        }
        let one = self.b.int64(1);
        let mut extents = vec![one; ndim];
        let mut all_fit = self.b.bool(true);
        for shape in &shapes {
            for (own, extent) in shape.iter().rev().zip(extents.iter_mut().rev()) {
                if *own == *extent || self.b.as_const_int(*own) == Some(1) {
                    continue;
                }
                if self.b.as_const_int(*extent) == Some(1) {
                    *extent = *own;
                    continue;
                }
                let equal = self.equal(*own, *extent);
                let own_is_one = self.equal(*own, one);
                let other_is_one = self.equal(*extent, one);
                let fits = self.b.or(equal, own_is_one);
                let fits = self.b.or(fits, other_is_one);
                all_fit = self.b.and(all_fit, fits);
                *extent = self.b.select(other_is_one, *own, *extent);
            }
        }
        if self.b.as_const_bool(all_fit) != Some(true) {
            let places: Vec<String> = shapes.iter().map(|shape| shape_placeholders(shape.len())).collect();
            let message =
                format!("operands could not be broadcast together with shapes {} ", places.join(" "));
            self.raise_unless(all_fit, "ValueError", &message, &shapes.concat());
        }
        Ok(extents)
    }

    /// An array that has at most as many axes as there are extents and broadcasts to them, made of one that may have
    /// more of one element each. Raises `ValueError`.
    fn fitted(&mut self, array: Value, extents: &[Value], message: impl Fn(&str, &str) -> String) -> Emit {
        let ty = self.array_type(array);
        let own = self.extents(array);
        let same_shape = own.len() == extents.len() && own == extents;
        if same_shape {
            return Ok(array);
        }
        let message = message(&shape_placeholders(own.len()), &shape_placeholders(extents.len()));
        let surplus = own.len().saturating_sub(extents.len());
        let one = self.b.int64(1);
        let mut all_fit = self.b.bool(true);
        for extent in &own[..surplus] {
            let single = self.equal(*extent, one);
            all_fit = self.b.and(all_fit, single);
        }
        for (have, want) in own[surplus..].iter().rev().zip(extents.iter().rev()) {
            if have == want {
                continue;
            }
            let equal = self.equal(*have, *want);
            let single = self.equal(*have, one);
            let fits = self.b.or(equal, single);
            all_fit = self.b.and(all_fit, fits);
        }
        self.raise_unless(all_fit, "ValueError", &message, &[&own[..], extents].concat());
        if surplus == 0 {
            return Ok(array);
        }
        let strides = self.strides(array)[surplus..].to_vec();
        Ok(self.view_as(array, ArrayType { ndim: ty.ndim - surplus as u8, ..ty }, &own[surplus..], &strides))
    }

    /// Emits a body. Constants stand in it; of other operands each is a parameter, once.
    fn body(
        &mut self,
        operands: &[Value],
        emit: impl FnOnce(&mut Emitter<'_>, &[Value]) -> Emit,
    ) -> Emit<Body> {
        let mut inputs: Vec<Value> = Vec::new();
        let mut param_types = Vec::new();
        // By operand: the position of its parameter.
        let mut positions = Vec::with_capacity(operands.len());
        for operand in operands {
            let ty = self.ty(*operand);
            let element = ty.as_array().map_or(ty, |array| array.dtype);
            if element.as_record().is_some() || element.as_fixed_text().is_some() {
                let message = format!("this is not done element by element for {}", ty.shown());
                return self.error(Code::ArgumentType, message);
            }
            let is_constant =
                ty.fields().is_some_and(|fields| fields.is_empty()) || self.b.as_constant(*operand).is_some();
            positions.push((!is_constant).then(|| {
                inputs.iter().position(|input| input == operand).unwrap_or_else(|| {
                    inputs.push(*operand);
                    param_types.push(ty.as_array().map_or(ty, |array| array.dtype));
                    inputs.len() - 1
                })
            }));
        }
        let mut function =
            Function::new(self.b.function.id, self.b.function.name.clone(), &param_types, Type::none());
        let params = function.params().to_vec();
        let mut inner = Emitter {
            b: Builder::new(&mut function, Block(0)),
            span: self.span,
            function_name: self.function_name.clone(),
            error_model: self.error_model,
            boundscheck: self.boundscheck,
            within: Vec::new(),
            containers_are_open: false,
        };
        let args: Vec<Value> = positions
            .iter()
            .zip(operands)
            .map(|(position, operand)| match (position, self.b.as_constant(*operand)) {
                (Some(position), _) => params[*position],
                (None, Some(constant)) => inner.b.constant(constant, self.ty(*operand)),
                (None, None) => inner.b.unit(self.ty(*operand)),
            })
            .collect();
        let result = emit(&mut inner, &args)?;
        inner.b.ret(result);
        function.result = function.ty(result);
        // A body names the sites of the function that it stands in.
        let first_site = self.b.function.sites.len() as u32;
        self.b.function.sites.append(&mut function.sites);
        for block in &mut function.blocks {
            for site in block.instructions.iter_mut().filter_map(|instruction| instruction.site.as_mut()) {
                site.0 += first_site;
            }
            if let Terminator::Raise { site, .. } = &mut block.terminator {
                site.0 += first_site;
            }
        }
        let result = function.result;
        Ok(Body { id: self.b.function.add_body(function), inputs, result })
    }

    /// Whether a value is an array with axes.
    pub(crate) fn has_axes(&self, value: Value) -> bool {
        matches!(self.ty(value).kind(), TypeKind::Array(array) if array.ndim > 0)
    }
}
