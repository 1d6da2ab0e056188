"""What code generators of `rumba.extending.intrinsic` build with: the part of llvmlite that is supported."""
