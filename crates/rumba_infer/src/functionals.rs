//! Functions that call functions which are their arguments: `sorted`, `np.apply_along_axis` and their kin.
//!
//! The library declares them; a rule of the library cannot call a user's function, so what they emit is here.

use crate::classes::class_of;
use crate::contexts::GENERATOR_MANAGER;
use crate::environment::Extensible;
use crate::exceptions::throw;
use crate::inference::Inference;
use rumba_ir::{Block, Function, InstanceId, Value};
use rumba_library::builtins::attribute_name;
use rumba_library::declaration::{Argument, Call};
use rumba_library::operators::Comparison;
use rumba_library::{Emit, Emitter, lookup};
use rumba_library::{collections, numbers};
use rumba_source::Code;
use rumba_types::{ArrayType, DictKind, Layout, Type, join};

type Rule = fn(&mut Inference<'_>, &mut Emitter<'_>, usize, &Call) -> Emit<Value>;

/// What a call of the library function of this path does, if it calls its arguments.
pub(crate) fn rule(e: &Emitter<'_>, path: &str, arguments: &[Argument]) -> Option<Rule> {
    let has_key = || arguments.iter().any(|argument| argument.keyword.as_deref() == Some("key"));
    Some(match path {
        "builtins.sorted" => |inference, e, idx, call| inference.sorted(e, idx, call),
        "builtins.getattr" => |inference, e, idx, call| inference.get_attribute(e, idx, call),
        "builtins.hasattr" => |inference, e, idx, call| inference.has_attribute(e, idx, call),
        "list.sort" => |inference, e, idx, call| inference.sort(e, idx, call),
        "builtins.min" | "builtins.max"
            if has_key() || arguments.iter().any(|argument| holds_instances(e.ty(argument.value))) =>
        {
            |inference, e, idx, call| inference.extreme(e, idx, call)
        }
        "list.index" | "list.count" | "list.remove" if holds_instances(e.ty(arguments[0].value)) => {
            |inference, e, idx, call| {
                let arguments = positional(e, call.args.iter().copied());
                let path = format!("builtins.{}_by_comparison", call.path);
                inference.call_extended(e, idx, &Extensible::Library((&*path).into()), &path, arguments)
            }
        }
        GENERATOR_MANAGER => |inference, e, idx, call| inference.generator_manager(e, idx, call),
        "generator_iterator.throw" => |_, e, _, call| throw(e, call),
        "numpy.fromfunction" => |inference, e, idx, call| inference.function_of_positions(e, idx, call),
        "numpy.apply_along_axis" => |inference, e, idx, call| inference.apply_along_axis(e, idx, call),
        "numpy.apply_over_axes" => |inference, e, idx, call| inference.apply_over_axes(e, idx, call),
        "numpy.piecewise" => |inference, e, idx, call| inference.piecewise(e, idx, call),
        "numpy.mask_indices" => |inference, e, idx, call| inference.mask_indices(e, idx, call),
        "operator.getitem" => |inference, e, idx, call| inference.item(e, idx, call.args[0], call.args[1]),
        "builtins.issubclass" => |inference, e, _, call| inference.is_subclass(e, call),
        "builtins.type" => |inference, e, _, call| inference.class_of_value(e, call),
        "builtins.callable" => |inference, e, idx, call| inference.is_callable(e, idx, call),
        "number.to_bytes" | "number.hex" => |inference, e, idx, call| {
            let path = numbers::in_prelude_of_numbers(e, call)?;
            let arguments = positional(e, call.args.iter().copied());
            inference.call_extended(e, idx, &Extensible::Library(path.into()), path, arguments)
        },
        path if collections::is_in_prelude(path) => |inference, e, idx, call| {
            let given = call.args.iter().copied().filter(|value| e.ty(*value) != Type::undefined());
            let arguments = positional(e, given.collect::<Vec<_>>());
            inference.of_collections(e, idx, &format!("collections.{}", call.path), arguments)
        },
        _ => return None,
    })
}

/// Whether a value is an instance or has instances as items, whose methods compare them.
pub(crate) fn holds_instances(ty: Type) -> bool {
    class_of(ty).is_some() || ty.as_list().is_some_and(|item| class_of(item).is_some())
}

fn positional(e: &Emitter<'_>, values: impl IntoIterator<Item = Value>) -> Vec<Argument> {
    let span = e.span;
    values.into_iter().map(|value| Argument { keyword: None, value, span }).collect()
}

/// A call of another function of the library.
fn library(e: &mut Emitter<'_>, path: &str, args: &[Value]) -> Emit<Value> {
    let arguments = positional(e, args.iter().copied());
    lookup(path).expect("the library declares what it is called by").call(e, &arguments)
}

fn array_argument(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit<Value> {
    match e.ty(call.args[idx]).as_array() {
        Some(_) => Ok(call.args[idx]),
        None => {
            let message = format!("expected an array, not {}", e.ty(call.args[idx]).shown());
            call.argument_error(idx, Code::ArgumentType, message)
        }
    }
}

fn axis_of(e: &Emitter<'_>, call: &Call, idx: usize, value: Value, ndim: usize) -> Emit<usize> {
    let axis = e.ty(value).as_literal_int().map(|axis| if axis < 0 { axis + ndim as i128 } else { axis });
    match axis.map(usize::try_from) {
        Some(Ok(axis)) if axis < ndim => Ok(axis),
        Some(_) => call.argument_error(
            idx,
            Code::ArgumentValue,
            format!("the axis is out of bounds for {ndim} dimensions"),
        ),
        None => call.argument_error(idx, Code::ArgumentValue, "an axis must be a constant here"),
    }
}

impl Inference<'_> {
    /// A method or an operator of containers that the prelude implements.
    pub(crate) fn of_collections(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        path: &str,
        arguments: Vec<Argument>,
    ) -> Emit<Value> {
        self.call_extended(e, idx, &Extensible::Library(path.into()), path, arguments)
    }

    /// `value[index]`.
    pub(crate) fn item(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        value: Value,
        index: Value,
    ) -> Emit<Value> {
        match e.ty(value).dict_kind() {
            Some(DictKind::Default(factory)) if !factory.is_none() => e.item_or_made(value, index, |e| {
                let factory = e.b.unit(factory);
                let made = self.call_value(e, idx, factory, Vec::new())?;
                Ok(e.materialise(made))
            }),
            _ => e.subscript(value, index),
        }
    }

    fn get_attribute(&mut self, e: &mut Emitter<'_>, idx: usize, call: &Call) -> Emit<Value> {
        let name = attribute_name(e, call)?;
        let default = call.args[2];
        if e.ty(default) != Type::undefined() && !self.finds_attribute(e, idx, call.args[0], name) {
            return Ok(default);
        }
        self.attribute_of_any(e, idx, call.args[0], name)
    }

    fn has_attribute(&mut self, e: &mut Emitter<'_>, idx: usize, call: &Call) -> Emit<Value> {
        let name = attribute_name(e, call)?;
        let found = self.finds_attribute(e, idx, call.args[0], name);
        Ok(e.literal_bool(found))
    }

    pub(crate) fn finds_attribute(&mut self, e: &Emitter<'_>, idx: usize, value: Value, name: &str) -> bool {
        let arguments = positional(e, [value]);
        let rule = |inference: &mut Self, e: &mut Emitter<'_>, arguments: &[Argument]| {
            inference.attribute_of_any(e, idx, arguments[0].value, name)
        };
        self.rejection(e, &arguments, rule).is_none()
    }

    pub(crate) fn attribute_of_any(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        value: Value,
        name: &str,
    ) -> Emit<Value> {
        match class_of(e.ty(value)) {
            Some(_) => self.instance_attribute(e, idx, value, name),
            None => self.attribute(e, idx, value, name),
        }
    }

    fn sorted(&mut self, e: &mut Emitter<'_>, idx: usize, call: &Call) -> Emit<Value> {
        let list = e.list_of(call.args[0])?;
        self.sort_by(e, idx, list, call)?;
        Ok(list)
    }

    fn sort(&mut self, e: &mut Emitter<'_>, idx: usize, call: &Call) -> Emit<Value> {
        self.sort_by(e, idx, call.args[0], call)?;
        Ok(e.b.none())
    }

    fn sort_by(&mut self, e: &mut Emitter<'_>, idx: usize, list: Value, call: &Call) -> Emit<()> {
        let [key, reverse] = [call.args[1], call.args[2]];
        let keys = if e.ty(key).is_none() { list } else { self.map_list(e, idx, list, key)? };
        let key = e.ty(keys).as_list().expect("the keys are in a list");
        let by_comparison =
            holds_instances(e.ty(keys)) || rumba_types::order(key).is_none() && self.is_ordered(e, idx, key);
        if !by_comparison {
            return e.sort_list(list, keys, reverse);
        }
        let arguments = positional(e, [list, keys, reverse]);
        let path = "builtins.list.sort_by_comparison";
        self.call_extended(e, idx, &Extensible::Library(path.into()), path, arguments)?;
        Ok(())
    }

    /// Whether values of a type are compared by `<`.
    fn is_ordered(&mut self, e: &Emitter<'_>, idx: usize, ty: Type) -> bool {
        let mut scratch = Function::new(InstanceId(u32::MAX), "scratch", &[ty, ty], Type::none());
        let params = scratch.params().to_vec();
        let mut trial = Emitter::new(&mut scratch, Block(0), e.function_name.clone());
        trial.span = e.span;
        self.compare(&mut trial, idx, Comparison::Lt, params[0], params[1]).is_ok()
    }

    /// The type of what a function gives for arguments of these types.
    fn result_type(&mut self, e: &Emitter<'_>, idx: usize, function: Type, args: &[Type]) -> Emit<Type> {
        let types = [&[function], args].concat();
        let mut scratch = Function::new(InstanceId(u32::MAX), "scratch", &types, Type::none());
        let params = scratch.params().to_vec();
        let mut trial = Emitter::new(&mut scratch, Block(0), e.function_name.clone());
        trial.span = e.span;
        let arguments = positional(&trial, params[1..].iter().copied());
        let result = self.call_value(&mut trial, idx, params[0], arguments)?;
        Ok(trial.ty(result).widen())
    }

    /// A list of what a function gives for each item of a list.
    fn map_list(&mut self, e: &mut Emitter<'_>, idx: usize, list: Value, function: Value) -> Emit<Value> {
        let item = e.ty(list).as_list().expect("the items are in a list");
        if item == Type::never() {
            return e.list(item, &[]);
        }
        let result = self.result_type(e, idx, e.ty(function), &[item])?;
        let results = e.list(result, &[])?;
        let length = e.length(list)?;
        e.counted_loop(length, &[], |e, position, _| {
            let item = e.subscript(list, position)?;
            let arguments = positional(e, [item]);
            let result = self.call_value(e, idx, function, arguments)?;
            e.append(results, result)?;
            Ok(vec![])
        })?;
        Ok(results)
    }

    /// `min` and `max`, also by the keys that a function gives.
    fn extreme(&mut self, e: &mut Emitter<'_>, idx: usize, call: &Call) -> Emit<Value> {
        let [default, key] = [call.args[1], call.args[2]];
        let items = match e.ty(call.args[0]).as_tuple() {
            Some([_]) => e.b.field(call.args[0], 0),
            _ => call.args[0],
        };
        let list = e.list_of(items)?;
        let keys = if e.ty(key).is_none() { list } else { self.map_list(e, idx, list, key)? };
        let length = e.length(list)?;
        let zero = e.b.int64(0);
        let some = e.less(zero, length);
        let comparison = if call.short_name() == "min" { Comparison::Lt } else { Comparison::Gt };
        let mut best = |e: &mut Emitter<'_>| {
            let state = e.counted_loop(length, &[zero], |e, position, state| {
                let (key, best) = (e.subscript(keys, position)?, e.subscript(keys, state[0])?);
                let better = match class_of(e.ty(key)) {
                    Some(_) => self.compare_instances(e, idx, comparison, key, best)?,
                    None => None,
                };
                let better = match better {
                    Some(better) => self.truth_of(e, idx, better)?,
                    None => e.comparison(comparison, key, best)?,
                };
                let better = e.coerce(better, Type::bool())?;
                Ok(vec![e.b.select(better, position, state[0])])
            })?;
            e.subscript(list, state[0])
        };
        if e.ty(default) == Type::undefined() {
            let message = format!("{}() arg is an empty sequence", call.short_name());
            e.raise_unless(some, "ValueError", &message, &[]);
            return best(e);
        }
        let item = e.ty(list).as_list().expect("the items are in a list");
        let default_type = e.ty(default).widen();
        let Some(ty) = join(item, default_type) else {
            let message =
                format!("the default is {}, but the items are {}", default_type.shown(), item.shown());
            return call.argument_error(1, Code::CannotUnify, message);
        };
        e.if_else(
            some,
            |e| {
                let best = best(e)?;
                e.coerce(best, ty)
            },
            |e| e.coerce(default, ty),
        )
    }

    fn function_of_positions(&mut self, e: &mut Emitter<'_>, idx: usize, call: &Call) -> Emit<Value> {
        let ty = e.ty(call.args[1]);
        let Some(shape) = ty.as_tuple() else {
            return call.argument_error(1, Code::ArgumentType, "the shape is a tuple");
        };
        let positions = library(e, "numpy.indices", &[call.args[1], call.args[2]])?;
        let mut args = Vec::with_capacity(shape.len());
        for axis in 0..shape.len() {
            let axis = e.literal_int(axis as i128);
            args.push(e.subscript(positions, axis)?);
        }
        let arguments = positional(e, args);
        self.call_value(e, idx, call.args[0], arguments)
    }

    /// The function of each line along an axis; what it gives stands in place of the line.
    fn apply_along_axis(&mut self, e: &mut Emitter<'_>, idx: usize, call: &Call) -> Emit<Value> {
        let array = array_argument(e, call, 2)?;
        let ty = e.array_type(array);
        let ndim = usize::from(ty.ndim);
        let axis = axis_of(e, call, 1, call.args[1], ndim)?;
        let more = e.tuple_elements(call.args[3]);
        let (mut outer, mut strides) = (e.extents(array), e.strides(array));
        let (extent, stride) = (outer.remove(axis), strides.remove(axis));
        let n_lines = e.product(&outer);
        let zero = e.b.int64(0);
        let some = e.less(zero, n_lines);
        let message = "Cannot apply_along_axis when any iteration dimensions are 0";
        e.raise_unless(some, "ValueError", message, &[]);
        let is_dense = ty.layout == Layout::C && axis + 1 == ndim;
        let line = ArrayType { ndim: 1, layout: if is_dense { Layout::C } else { Layout::A }, ..ty };
        let mut apply = |e: &mut Emitter<'_>, place: &[Value]| -> Emit<Value> {
            let mut bytes = e.b.int64(0);
            for (position, stride) in place.iter().zip(&strides) {
                let distance = e.b.mul(*position, *stride);
                bytes = e.b.add(bytes, distance);
            }
            let data = e.array_data(array);
            let data = e.b.offset(data, bytes);
            let owner = e.array_owner(array);
            let line = e.make_array(line, data, owner, &[extent], &[stride]);
            let arguments = positional(e, [line].into_iter().chain(more.iter().copied()));
            let result = self.call_value(e, idx, call.args[0], arguments)?;
            Ok(e.plain(result))
        };
        // The first result says what shape the others have.
        let places = vec![zero; outer.len()];
        let first = apply(e, &places)?;
        let from = e.ty(first);
        let (dtype, inner) = match from.as_array() {
            Some(array) => (array.dtype, e.extents(first)),
            None if from.is_number() => (from, Vec::new()),
            None => {
                let message = format!("the function gives {}, neither a number nor an array", from.shown());
                return call.argument_error(0, Code::ArgumentType, message);
            }
        };
        let extents = [&outer[..], &inner].concat();
        let out = e.allocate_array(dtype, &extents, Layout::C, false)?;
        let n_outer = outer.len();
        let store = |e: &mut Emitter<'_>, place: &[Value], result: Value| -> Emit<()> {
            if inner.is_empty() {
                return if e.ty(result).as_array().is_some() {
                    let index = e.tuple(place.to_vec());
                    e.store_subscript(out, index, result)
                } else {
                    e.store_element(out, place, result)
                };
            }
            for (own, wanted) in e.extents(result).into_iter().zip(&inner) {
                let same = e.equal(own, *wanted);
                let message = "the function gives arrays of several shapes";
                e.raise_unless(same, "ValueError", message, &[]);
            }
            let index = e.tuple(place.to_vec());
            e.store_subscript(out, index, result)
        };
        store(e, &places, first)?;
        let one = e.b.int64(1);
        let rest = e.b.sub(n_lines, one);
        let shape = e.tuple(outer.clone());
        e.counted_loop(rest, &[], |e, number, _| {
            let number = e.b.add(number, one);
            let place = match n_outer {
                0 => Vec::new(),
                1 => vec![number],
                _ => {
                    let place = library(e, "numpy.unravel_index", &[number, shape])?;
                    e.tuple_elements(place)
                }
            };
            let result = apply(e, &place)?;
            store(e, &place, result)?;
            Ok(vec![])
        })?;
        // The new axes stand where the line was.
        let n_inner = inner.len();
        let order = (0..axis).chain(n_outer..n_outer + n_inner).chain(axis..n_outer);
        let order: Vec<Value> = order.map(|axis| e.literal_int(axis as i128)).collect();
        if order.is_empty() {
            let index = e.tuple(Vec::new());
            return e.subscript(out, index);
        }
        let order = e.tuple(order);
        library(e, "numpy.transpose", &[out, order])
    }

    fn apply_over_axes(&mut self, e: &mut Emitter<'_>, idx: usize, call: &Call) -> Emit<Value> {
        let mut array = array_argument(e, call, 1)?;
        let ndim = usize::from(e.array_type(array).ndim);
        let axes = match e.ty(call.args[2]).as_tuple() {
            Some(_) => e.tuple_elements(call.args[2]),
            None => vec![call.args[2]],
        };
        for axis in axes {
            let axis = axis_of(e, call, 2, axis, ndim)?;
            let axis = e.literal_int(axis as i128);
            let arguments = positional(e, [array, axis]);
            let result = self.call_value(e, idx, call.args[0], arguments)?;
            let result = e.plain(result);
            let own = e.ty(result).as_array().map_or(0, |array| usize::from(array.ndim));
            array = if own == ndim {
                result
            } else if own + 1 == ndim && ndim > 1 {
                library(e, "numpy.expand_dims", &[result, axis])?
            } else if own + 1 == ndim {
                library(e, "numpy.atleast_1d", &[result])?
            } else {
                let message = "function is not returning an array of the correct shape";
                return call.argument_error(0, Code::ArgumentType, message);
            };
        }
        Ok(array)
    }

    fn piecewise(&mut self, e: &mut Emitter<'_>, idx: usize, call: &Call) -> Emit<Value> {
        let array = array_argument(e, call, 0)?;
        let tuple = |e: &mut Emitter<'_>, idx: usize| match e.ty(call.args[idx]).as_tuple() {
            Some(_) => Ok(e.tuple_elements(call.args[idx])),
            None => call.argument_error(idx, Code::ArgumentType, "a tuple is expected"),
        };
        let (mut conditions, functions) = (tuple(e, 1)?, tuple(e, 2)?);
        let more = e.tuple_elements(call.args[3]);
        let shape = e.extents(array);
        for condition in &conditions {
            let fits = e.ty(*condition).as_array().is_some_and(|condition| {
                condition.dtype.is_bool() && usize::from(condition.ndim) == shape.len()
            });
            if !fits {
                let message = "conditions are arrays of bools of the shape of the array";
                return call.argument_error(1, Code::ArgumentType, message);
            }
        }
        if functions.len() == conditions.len() + 1 && !conditions.is_empty() {
            let mut any = conditions[0];
            for condition in &conditions[1..] {
                any = library(e, "numpy.logical_or", &[any, *condition])?;
            }
            conditions.push(library(e, "numpy.logical_not", &[any])?);
        }
        if functions.len() != conditions.len() || conditions.is_empty() {
            let message = "there is one function for each condition, or one more for the rest";
            return call.argument_error(2, Code::ArgumentCount, message);
        }
        let out = library(e, "numpy.zeros_like", &[array])?;
        for (condition, function) in conditions.into_iter().zip(functions) {
            if e.ty(function).widen().is_number() {
                e.store_subscript(out, condition, function)?;
                continue;
            }
            let chosen = e.subscript(array, condition)?;
            let n_chosen = e.array_size(chosen);
            let zero = e.b.int64(0);
            let some = e.less(zero, n_chosen);
            e.if_else(
                some,
                |e| {
                    let arguments = positional(e, [chosen].into_iter().chain(more.iter().copied()));
                    let values = self.call_value(e, idx, function, arguments)?;
                    e.store_subscript(out, condition, values)?;
                    Ok(e.b.none())
                },
                |e| Ok(e.b.none()),
            )?;
        }
        Ok(out)
    }

    fn mask_indices(&mut self, e: &mut Emitter<'_>, idx: usize, call: &Call) -> Emit<Value> {
        let n = e.as_index(call.args[0], "n")?;
        let shape = e.tuple(vec![n, n]);
        let dtype = e.b.unit(rumba_types::TypeKind::DType(Type::int64()).into());
        let ones = library(e, "numpy.ones", &[shape, dtype])?;
        let arguments = positional(e, [ones, call.args[2]]);
        let mask = self.call_value(e, idx, call.args[1], arguments)?;
        library(e, "numpy.nonzero", &[mask])
    }
}
