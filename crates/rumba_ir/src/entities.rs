//! Dense indices into the tables of one function, and the identity of an instance.

macro_rules! index {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}{}", $prefix, self.0)
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{self}")
            }
        }
    };
}

index!(
    /// A value of one function.
    Value, "v");
index!(
    /// A basic block of one function.
    Block, "block");
index!(
    /// What an elementwise operation does to one element; in the table of one function.
    BodyId, "body");
index!(
    /// A place that can raise, or call something that raises, in one function.
    SiteId, "site");
index!(
    /// One function for given argument types and options; unique in the process and never reused.
    InstanceId, "instance");
