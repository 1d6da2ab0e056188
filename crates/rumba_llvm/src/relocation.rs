//! The relocations of x86-64 that LLVM emits under the small, position-independent code model.
//!
//! Calls to symbols farther away than 2 GiB go through a stub, and addresses of symbols come from a slot; the loader
//! allots both ([`needs`]) before it applies anything ([`apply`]).

use object::elf::{self, RelocationType};

use crate::error::{Error, Result};

/// What a relocation may need besides its target's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// A jump within reach, in case the target is not.
    Stub,
    /// Eight bytes within reach that hold the target's address.
    Slot,
}

/// A jump through the slot behind it: `jmp *0(%rip)` and eight bytes for the address, padded.
pub const STUB_SIZE: usize = 16;

/// What the relocation of this kind needs.
pub fn needs(kind: RelocationType) -> Needs {
    match kind {
        elf::R_X86_64_PLT32 => Needs::Stub,
        elf::R_X86_64_GOTPCREL | elf::R_X86_64_GOTPCRELX | elf::R_X86_64_REX_GOTPCRELX => Needs::Slot,
        _ => Needs::Nothing,
    }
}

/// A stub that jumps to `target`.
pub fn stub(target: u64) -> [u8; STUB_SIZE] {
    let mut code = [0xcc; STUB_SIZE];
    code[..6].copy_from_slice(&[0xff, 0x25, 0, 0, 0, 0]);
    code[6..14].copy_from_slice(&target.to_le_bytes());
    code
}

/// Whether a 32-bit displacement from `place` reaches `target`, with room for the addend.
pub fn reaches(place: u64, target: u64) -> bool {
    let distance = target.wrapping_sub(place) as i64;
    distance.unsigned_abs() < (1 << 31) - (1 << 16)
}

/// Writes the relocated value to `bytes`, which lie at address `place` when the code runs. `target` is the address of
/// the symbol, or of the stub or slot where the relocation goes through one.
pub fn apply(kind: RelocationType, bytes: &mut [u8], place: u64, target: u64, addend: i64) -> Result<()> {
    let absolute = target.wrapping_add_signed(addend);
    let relative = absolute.wrapping_sub(place) as i64;
    let width = match kind {
        elf::R_X86_64_64 | elf::R_X86_64_PC64 => 8,
        _ => 4,
    };
    let Some(field) = bytes.get_mut(..width) else {
        return Err(Error::Object("a relocation reaches beyond its section".into()));
    };
    match kind {
        elf::R_X86_64_64 => field.copy_from_slice(&absolute.to_le_bytes()),
        elf::R_X86_64_PC64 => field.copy_from_slice(&relative.to_le_bytes()),
        elf::R_X86_64_PC32
        | elf::R_X86_64_PLT32
        | elf::R_X86_64_GOTPCREL
        | elf::R_X86_64_GOTPCRELX
        | elf::R_X86_64_REX_GOTPCRELX => {
            let Ok(short) = i32::try_from(relative) else {
                return Err(Error::Object("a relocation's target is out of reach".into()));
            };
            field.copy_from_slice(&short.to_le_bytes());
        }
        _ => return Err(Error::Object(format!("unknown relocation kind {}", kind.0))),
    }
    Ok(())
}
