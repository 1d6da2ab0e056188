//! Distributions of single numbers, whose parameters may be arrays.

use super::{SELF, SIZE, bits, dtype_or, family, optional_extents, out_argument, parameter, size_argument};
use crate::declaration::{Call, Declaration, Default, Param, lookup};
use crate::{Emit, Emitter};
use rumba_ir::{RuntimeFunction, Value};
use rumba_source::Code;
use rumba_types::{Layout, Type};

/// Arguments of distributions that are not their parameters.
const OTHERS: [&str; 5] = ["self", "size", "dtype", "method", "out"];

const DTYPE: Param = Param::optional("dtype", Default::Absent);
const OUT: Param = Param::optional("out", Default::None);

const fn number(name: &'static str, default: f64) -> Param {
    Param::optional(name, Default::Float(default))
}

/// Rows of both families: parameters, the sentence, the rule.
macro_rules! rows {
    ($($method:literal $function:literal [$($param:expr),*] $doc:literal $rule:expr;)*) => {
        &[
            $(
                Declaration { path: $method, params: &[SELF, $($param,)* SIZE], doc: $doc, rule: $rule },
                Declaration { path: $function, params: &[$($param,)* SIZE], doc: $doc, rule: $rule },
            )*
            Declaration {
                path: "generator.random",
                params: &[SELF, SIZE, DTYPE, OUT],
                doc: "Floats in [0, 1), of float64 or float32.",
                rule: standard,
            },
            Declaration {
                path: "generator.standard_normal",
                params: &[SELF, SIZE, DTYPE, OUT],
                doc: "Normal numbers of mean 0 and deviation 1, of float64 or float32.",
                rule: standard,
            },
            Declaration {
                path: "generator.standard_exponential",
                params: &[SELF, SIZE, DTYPE, Param::optional("method", Default::Str("zig")), OUT],
                doc: "Exponential numbers of mean 1, of float64 or float32.",
                rule: standard,
            },
            Declaration {
                path: "generator.standard_gamma",
                params: &[SELF, Param::required("shape"), SIZE, DTYPE, OUT],
                doc: "Gamma numbers of scale 1, of float64 or float32.",
                rule: standard,
            },
            Declaration {
                path: "numpy.random.random",
                params: &[SIZE],
                doc: "Floats in [0, 1).",
                rule: legacy_random,
            },
            Declaration {
                path: "numpy.random.random_sample",
                params: &[SIZE],
                doc: "Floats in [0, 1).",
                rule: legacy_random,
            },
            Declaration {
                path: "numpy.random.ranf",
                params: &[SIZE],
                doc: "Floats in [0, 1).",
                rule: legacy_random,
            },
            Declaration {
                path: "numpy.random.sample",
                params: &[SIZE],
                doc: "Floats in [0, 1).",
                rule: legacy_random,
            },
            Declaration {
                path: "numpy.random.rand",
                params: &[Param::variadic("size")],
                doc: "Floats in [0, 1) of the shape that the arguments are.",
                rule: |e, call| of_shape(e, call, "random"),
            },
            Declaration {
                path: "numpy.random.standard_normal",
                params: &[SIZE],
                doc: "Normal numbers of mean 0 and deviation 1.",
                rule: |e, call| legacy_standard(e, call, "standard_normal"),
            },
            Declaration {
                path: "numpy.random.randn",
                params: &[Param::variadic("size")],
                doc: "Normal numbers of mean 0 and deviation 1, of the shape that the arguments are.",
                rule: |e, call| of_shape(e, call, "standard_normal"),
            },
            Declaration {
                path: "numpy.random.standard_exponential",
                params: &[SIZE],
                doc: "Exponential numbers of mean 1.",
                rule: floats,
            },
            Declaration {
                path: "numpy.random.standard_gamma",
                params: &[Param::required("shape"), SIZE],
                doc: "Gamma numbers of scale 1.",
                rule: floats,
            },
        ]
    };
}

pub const DECLARATIONS: &[Declaration] = rows! {
    "generator.beta" "numpy.random.beta" [Param::required("a"), Param::required("b")] "Beta numbers." floats;
    "generator.binomial" "numpy.random.binomial" [Param::required("n"), Param::required("p")] "Successes among a number of trials." |e, call| draw(e, call, Type::int64(), &["n"]);
    "generator.chisquare" "numpy.random.chisquare" [Param::required("df")] "Chi-square numbers." floats;
    "generator.exponential" "numpy.random.exponential" [number("scale", 1.0)] "Exponential numbers of this mean." floats;
    "generator.f" "numpy.random.f" [Param::required("dfnum"), Param::required("dfden")] "Numbers of the F distribution." floats;
    "generator.gamma" "numpy.random.gamma" [Param::required("shape"), number("scale", 1.0)] "Gamma numbers." floats;
    "generator.geometric" "numpy.random.geometric" [Param::required("p")] "Trials up to the first success." counts;
    "generator.gumbel" "numpy.random.gumbel" [number("loc", 0.0), number("scale", 1.0)] "Gumbel numbers." floats;
    "generator.hypergeometric" "numpy.random.hypergeometric" [Param::required("ngood"), Param::required("nbad"), Param::required("nsample")] "Good ones in a sample without replacement." |e, call| draw(e, call, Type::int64(), &["ngood", "nbad", "nsample"]);
    "generator.laplace" "numpy.random.laplace" [number("loc", 0.0), number("scale", 1.0)] "Laplace numbers." floats;
    "generator.logistic" "numpy.random.logistic" [number("loc", 0.0), number("scale", 1.0)] "Logistic numbers." floats;
    "generator.lognormal" "numpy.random.lognormal" [number("mean", 0.0), number("sigma", 1.0)] "Numbers whose logarithms are normal." floats;
    "generator.logseries" "numpy.random.logseries" [Param::required("p")] "Numbers of the logarithmic series distribution." counts;
    "generator.negative_binomial" "numpy.random.negative_binomial" [Param::required("n"), Param::required("p")] "Failures before a number of successes." counts;
    "generator.noncentral_chisquare" "numpy.random.noncentral_chisquare" [Param::required("df"), Param::required("nonc")] "Noncentral chi-square numbers." floats;
    "generator.noncentral_f" "numpy.random.noncentral_f" [Param::required("dfnum"), Param::required("dfden"), Param::required("nonc")] "Numbers of the noncentral F distribution." floats;
    "generator.normal" "numpy.random.normal" [number("loc", 0.0), number("scale", 1.0)] "Normal numbers." floats;
    "generator.pareto" "numpy.random.pareto" [Param::required("a")] "Numbers of the Pareto distribution of the second kind." floats;
    "generator.poisson" "numpy.random.poisson" [number("lam", 1.0)] "Poisson numbers." counts;
    "generator.power" "numpy.random.power" [Param::required("a")] "Numbers in [0, 1] of the power distribution." floats;
    "generator.rayleigh" "numpy.random.rayleigh" [number("scale", 1.0)] "Rayleigh numbers." floats;
    "generator.standard_cauchy" "numpy.random.standard_cauchy" [] "Cauchy numbers." floats;
    "generator.standard_t" "numpy.random.standard_t" [Param::required("df")] "Numbers of Student's distribution." floats;
    "generator.triangular" "numpy.random.triangular" [Param::required("left"), Param::required("mode"), Param::required("right")] "Numbers of the triangular distribution." floats;
    "generator.uniform" "numpy.random.uniform" [number("low", 0.0), number("high", 1.0)] "Floats between bounds." floats;
    "generator.vonmises" "numpy.random.vonmises" [Param::required("mu"), Param::required("kappa")] "Angles of the von Mises distribution." floats;
    "generator.wald" "numpy.random.wald" [Param::required("mean"), Param::required("scale")] "Inverse Gaussian numbers." floats;
    "generator.weibull" "numpy.random.weibull" [Param::required("a")] "Weibull numbers." floats;
    "generator.zipf" "numpy.random.zipf" [Param::required("a")] "Numbers of the Zipf distribution." counts;
};

static GENERATOR_DOUBLE: RuntimeFunction = RuntimeFunction::effect("rumba_generator_double");
static LEGACY_DOUBLE: RuntimeFunction = RuntimeFunction::effect("rumba_legacy_double").with_context();
static LEGACY_GAUSS: RuntimeFunction = RuntimeFunction::effect("rumba_legacy_gauss").with_context();

fn floats(e: &mut Emitter<'_>, call: &Call) -> Emit {
    draw(e, call, Type::float64(), &[])
}

fn counts(e: &mut Emitter<'_>, call: &Call) -> Emit {
    draw(e, call, Type::int64(), &[])
}

/// Numbers of the distribution that the function is named by; the parameters named in `integers` are integers.
fn draw(e: &mut Emitter<'_>, call: &Call, result: Type, integers: &[&str]) -> Emit {
    let name = format!("{}_{}", family(call), call.short_name());
    let size = size_argument(e, call)?;
    draw_named(e, call, &name, result, integers, size)
}

/// The standard distributions of generators, which fill arrays of either float dtype.
fn standard(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let dtype = dtype_or(e, call, Type::float64(), Type::is_float)?;
    let mut name = format!("generator_{}", call.short_name());
    if let Some(idx) = call.position("method") {
        match e.ty(call.args[idx]).as_literal_str() {
            Some("zig") => {}
            // As NumPy, which looks for `zig` only.
            Some(_) => name.push_str("_inv"),
            None => {
                return call.argument_error(
                    idx,
                    Code::ArgumentValue,
                    "`method` is the constant 'zig' or 'inv'",
                );
            }
        }
    }
    if dtype == Type::float32() {
        name.push_str("_f32");
    }
    let size = size_argument(e, call)?;
    if name == "generator_random" && size.is_none() && e.ty(call.args[3]).is_none() {
        let bits = bits(e, call);
        return Ok(e.b.call_runtime(&GENERATOR_DOUBLE, vec![bits], dtype, None));
    }
    draw_named(e, call, &name, dtype, &[], size)
}

fn legacy_random(e: &mut Emitter<'_>, call: &Call) -> Emit {
    legacy_standard(e, call, "random")
}

fn legacy_standard(e: &mut Emitter<'_>, call: &Call, name: &str) -> Emit {
    let size = size_argument(e, call)?;
    draw_standard(e, call, name, size)
}

fn draw_standard(e: &mut Emitter<'_>, call: &Call, name: &str, size: Option<Vec<Value>>) -> Emit {
    if size.is_none() {
        let function = if name == "random" { &LEGACY_DOUBLE } else { &LEGACY_GAUSS };
        return Ok(e.b.call_runtime(function, vec![], Type::float64(), None));
    }
    draw_named(e, call, &format!("legacy_{name}"), Type::float64(), &[], size)
}

/// `np.random.rand(*shape)` and `randn`.
fn of_shape(e: &mut Emitter<'_>, call: &Call, name: &str) -> Emit {
    let is_empty = e.ty(call.args[0]).as_tuple().is_some_and(<[Type]>::is_empty);
    let size = if is_empty { None } else { size_argument(e, call)? };
    draw_standard(e, call, name, size)
}

/// Numbers of a distribution of the runtime.
fn draw_named(
    e: &mut Emitter<'_>,
    call: &Call,
    name: &str,
    result: Type,
    integers: &[&str],
    size: Option<Vec<Value>>,
) -> Emit {
    const MAX_PARAMS: usize = 3;
    let declared = lookup(call.path).map_or(&[][..], |declaration| declaration.params);
    let mut params = Vec::new();
    for (idx, param) in declared.iter().enumerate().filter(|(_, param)| !OTHERS.contains(&param.name)) {
        let dtype = if integers.contains(&param.name) { Type::int64() } else { Type::float64() };
        params.push((parameter(e, call, idx, dtype)?, dtype));
    }
    let out = out_argument(e, call, result, params.is_empty())?;
    let mut args = vec![bits(e, call)];
    let ranks: Vec<u8> = params.iter().filter_map(|(value, _)| Some(e.ty(*value).as_array()?.ndim)).collect();
    if size.is_none() && out.is_none() && ranks.is_empty() {
        for (value, _) in &params {
            args.push(e.b.reinterpret(*value, Type::uint64()));
        }
        args.resize_with(1 + MAX_PARAMS, || e.b.int(0, Type::uint64()));
        return Ok(e.call_raising(name, args, result));
    }
    for (value, dtype) in &params {
        args.push(e.elements_argument(*value, *dtype)?);
    }
    args.resize_with(1 + MAX_PARAMS, || e.b.address(0));
    args.push(optional_extents(e, size.as_deref()));
    let name = format!("{name}_array");
    if let Some(out) = out {
        // What is filled in the order of memory.
        let target = if e.array_type(out).layout == Layout::F { e.transposed(out) } else { out };
        let size = e.extents(target);
        args[1 + MAX_PARAMS] = e.integers_argument(&size);
        args.push(e.view_argument(target));
        e.call_raising(&name, args, Type::none());
        return Ok(out);
    }
    args.push(e.b.address(0));
    let ndim = size.map_or(ranks.into_iter().max().unwrap_or(0), |size| size.len() as u8);
    Ok(e.call_raising(&name, args, Type::array(result, ndim, Layout::C)))
}

#[cfg(test)]
mod tests {
    use super::super::is_method;
    use super::*;

    #[test]
    fn both_families_have_the_same_distributions() {
        let names = |prefix: &str| -> Vec<&str> {
            DECLARATIONS.iter().filter_map(|row| row.path.strip_prefix(prefix)).collect()
        };
        let legacy = names("numpy.random.");
        for method in names("generator.") {
            assert!(legacy.contains(&method), "np.random.{method}");
        }
        assert!(DECLARATIONS.iter().all(|row| is_method(&Call {
            path: row.path,
            args: vec![],
            spans: vec![]
        })
            == (row.params.first().is_some_and(|param| param.name == "self"))));
    }
}
