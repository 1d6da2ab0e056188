//! Functions that are compiled twice: for every x86-64, and for those with AVX2, which most are.

/// Declares a generic function that uses AVX2 where the machine has it. What it calls must be inlined to profit.
macro_rules! vectorised {
    ($(
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident<$T:ident: $Bound:path>($($arg:ident: $A:ty),* $(,)?) $(-> $R:ty)? $body:block
    )*) => {$(
        $(#[$attribute])*
        $visibility fn $name<$T: $Bound>($($arg: $A),*) $(-> $R)? {
            #[inline(always)]
            fn plain<$T: $Bound>($($arg: $A),*) $(-> $R)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2<$T: $Bound>($($arg: $A),*) $(-> $R)? {
                    plain::<$T>($($arg),*)
                }

                if is_x86_feature_detected!("avx2") {
                    // SAFETY: the machine has AVX2.
                    return unsafe { avx2::<$T>($($arg),*) };
                }
            }
            plain::<$T>($($arg),*)
        }
    )*};
}
pub(crate) use vectorised;
