//! Elements of arrays that have a fixed number of characters, filled up with zeros. They need not be aligned.

use super::{Kind, New};
use crate::kernels::{Result, kernels};
use crate::text::{OwnedText, Text, TextBuilder};

fn read_element<T: Kind>(address: u64, length: i64) -> Result<New<T>> {
    let length = length as usize;
    if !T::IS_TEXT {
        // SAFETY: compiled code passes the address of an element of that many bytes.
        let bytes = unsafe { std::slice::from_raw_parts(address as *const u8, length) };
        let n = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        return Ok(New::of(Text::narrow(&bytes[..n]).at_width(1)));
    }
    // SAFETY: as above, of that many characters of four bytes.
    let at = |idx: usize| unsafe { (address as *const u32).add(idx).read_unaligned() };
    let n = (0..length).rposition(|idx| at(idx) != 0).map_or(0, |last| last + 1);
    let mut builder = TextBuilder::default();
    // No text has characters beyond Unicode, whatever is in memory that was never written.
    (0..n).for_each(|idx| builder.push(if at(idx) < 0x11_0000 { at(idx) } else { 0xfffd }));
    let text: OwnedText = builder.finish();
    Ok(New::of(text))
}

/// Writes what fits.
fn write_element<T: Kind>(address: u64, length: i64, text: Text<'_>) -> Result<()> {
    let chars = text.code_points().chain(std::iter::repeat(0)).take(length as usize);
    for (idx, c) in chars.enumerate() {
        // SAFETY: compiled code passes the address of an element of that many characters, which is writable.
        unsafe {
            match T::IS_TEXT {
                true => (address as *mut u32).add(idx).write_unaligned(c),
                false => (address as *mut u8).add(idx).write(c as u8),
            }
        }
    }
    Ok(())
}

kernels! {
    read_element<T: strings>(address: u64, length: i64) -> New<T>;
    write_element<T: strings>(address: u64, length: i64, text: Text<'_>) -> ();
}
