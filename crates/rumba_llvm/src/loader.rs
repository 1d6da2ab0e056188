//! Puts object code into memory: a small ELF loader.
//!
//! An object's allocated sections are laid out in one mapping of three segments: code with its call stubs, constants
//! with the address slots, and writable data, which is rare. The mapping is filled while it is writable and then
//! protected, so that no page is ever writable and executable. Code uses the small, position-independent model; what
//! is farther away than 2 GiB is reached through a stub or a slot. Loaded code never unwinds, hence its `.eh_frame`
//! is not registered.
//!
//! Constants have the protection of code. So the mappings of objects, which stand behind each other, become one for the
//! operating system: Linux allows 65,530 of different protection in a process, and code stays as long as the process.
//!
//! The caller keeps alive whatever the code refers to: other loaded objects, and the runtime.

use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

use object::elf;
use object::read::elf::{ElfFile64, FileHeader};
use object::{
    LittleEndian, Object, ObjectSection, ObjectSymbol, RelocationFlags, RelocationTarget, SectionFlags,
    SectionIndex, SymbolIndex, SymbolSection,
};
use rustc_hash::FxHashMap;

use crate::error::{Error, Result};
use crate::lower::token_value;
use crate::relocation::{self, Needs};
use crate::{hot_functions, libcalls, perf_map};

type ElfFile<'data> = ElfFile64<'data, LittleEndian, &'data [u8]>;

/// Machine code in memory. Dropping it unmaps the code: nobody may be inside it or call it any more.
#[derive(Debug)]
pub struct LoadedObject {
    mapping: Mapping,
    /// The exported symbols and their addresses, sorted by name.
    symbols: Vec<(Box<str>, usize)>,
}

impl LoadedObject {
    /// Loads object code. `resolve` gives the addresses of symbols that neither the object nor LLVM's own needs
    /// ([`libcalls`]), nor site tokens ([`token_value`]), nor hot functions explain: runtime functions and functions of other loaded objects.
    pub fn load(object: &[u8], resolve: &dyn Fn(&str) -> Option<*const c_void>) -> Result<LoadedObject> {
        let file = ElfFile::parse(object).map_err(damaged)?;
        if file.elf_header().e_machine(LittleEndian) != elf::EM_X86_64 {
            return Err(Error::Object("it is for another kind of processor".into()));
        }
        let layout = Layout::of(&file)?;
        let mut mapping = Mapping::anonymous(layout.size)?;
        let symbols = Symbols { file: &file, layout: &layout, base: mapping.address(), resolve };
        layout.fill(&symbols, mapping.bytes())?;
        mapping.protect(&layout)?;
        let symbols = symbols.exported()?;
        Ok(LoadedObject { mapping, symbols })
    }

    /// Where an exported symbol is.
    pub fn address(&self, name: &str) -> Option<NonNull<c_void>> {
        let index = self.symbols.binary_search_by(|(symbol, _)| (**symbol).cmp(name)).ok()?;
        NonNull::new(self.symbols[index].1 as *mut c_void)
    }

    /// The exported symbols and their addresses.
    pub fn symbols(&self) -> impl Iterator<Item = (&str, usize)> {
        self.symbols.iter().map(|(name, address)| (&**name, *address))
    }

    /// How much memory the code takes, in bytes.
    pub fn size(&self) -> usize {
        self.mapping.size
    }
}

/// The segments of the mapping, in order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Segment {
    Code,
    Constants,
    Data,
}

const SEGMENTS: [Segment; 3] = [Segment::Code, Segment::Constants, Segment::Data];

const PAGE: usize = 4096;
const SLOT_SIZE: usize = 8;

/// Where everything goes, as offsets into the mapping.
struct Layout {
    sections: FxHashMap<SectionIndex, usize>,
    stubs: FxHashMap<SymbolIndex, usize>,
    slots: FxHashMap<SymbolIndex, usize>,
    /// Where code and constants end, and on the next page data begins.
    fixed_size: usize,
    size: usize,
}

impl Layout {
    fn of(file: &ElfFile<'_>) -> Result<Layout> {
        let mut layout = Layout {
            sections: FxHashMap::default(),
            stubs: FxHashMap::default(),
            slots: FxHashMap::default(),
            fixed_size: 0,
            size: 0,
        };
        let (mut stubs, mut slots) = (Vec::new(), Vec::new());
        for section in file.sections().filter(|section| segment_of(section).is_some()) {
            for (_, relocation) in section.relocations() {
                let RelocationTarget::Symbol(symbol) = relocation.target() else {
                    continue;
                };
                match relocation::needs(kind_of(&relocation)?) {
                    Needs::Stub if file.symbol_by_index(symbol).map_err(damaged)?.is_undefined() => {
                        stubs.push(symbol)
                    }
                    Needs::Slot => slots.push(symbol),
                    Needs::Stub | Needs::Nothing => {}
                }
            }
        }
        let mut end = 0_usize;
        for segment in SEGMENTS {
            if segment == Segment::Data {
                layout.fixed_size = end;
                end = end.next_multiple_of(PAGE);
            }
            for section in file.sections().filter(|section| segment_of(section) == Some(segment)) {
                let align = usize::try_from(section.align()).unwrap_or(usize::MAX).max(1);
                if align > PAGE || !align.is_power_of_two() {
                    return Err(Error::Object("a section's alignment is beyond a page".into()));
                }
                let size = usize::try_from(section.size()).ok().filter(|&size| size < 1 << 31);
                let Some(size) = size else {
                    return Err(Error::Object("a section is too large".into()));
                };
                end = end.next_multiple_of(align);
                layout.sections.insert(section.index(), end);
                end += size;
            }
            if segment == Segment::Code {
                end = allot(&mut layout.stubs, &stubs, end, relocation::STUB_SIZE);
            }
            if segment == Segment::Constants {
                end = allot(&mut layout.slots, &slots, end, SLOT_SIZE);
            }
        }
        layout.size = end.next_multiple_of(PAGE).max(PAGE);
        if layout.size >= 1 << 31 {
            return Err(Error::Object("it is too large".into()));
        }
        Ok(layout)
    }

    /// Copies the sections, writes stubs and slots, and relocates.
    fn fill(&self, symbols: &Symbols<'_, '_>, memory: &mut [u8]) -> Result<()> {
        for (&symbol, &offset) in &self.stubs {
            let code = relocation::stub(symbols.address(symbol)?);
            memory[offset..][..code.len()].copy_from_slice(&code);
        }
        for (&symbol, &offset) in &self.slots {
            memory[offset..][..SLOT_SIZE].copy_from_slice(&symbols.address(symbol)?.to_le_bytes());
        }
        for section in symbols.file.sections() {
            let Some(&start) = self.sections.get(&section.index()) else {
                continue;
            };
            let data = section.data().map_err(damaged)?;
            memory[start..][..data.len()].copy_from_slice(data);
            for (offset, relocation) in section.relocations() {
                let RelocationTarget::Symbol(symbol) = relocation.target() else {
                    return Err(Error::Object("a relocation without a symbol".into()));
                };
                let kind = kind_of(&relocation)?;
                let place = usize::try_from(offset).ok().filter(|&offset| offset < data.len());
                let Some(place) = place.map(|offset| start + offset) else {
                    return Err(Error::Object("a relocation outside its section".into()));
                };
                let address = (symbols.base + place) as u64;
                let target = match relocation::needs(kind) {
                    Needs::Nothing => symbols.address(symbol)?,
                    Needs::Slot => (symbols.base + self.slots[&symbol]) as u64,
                    Needs::Stub => {
                        let direct = symbols.address(symbol)?;
                        match self.stubs.get(&symbol) {
                            Some(&stub) if !relocation::reaches(address, direct) => {
                                (symbols.base + stub) as u64
                            }
                            _ => direct,
                        }
                    }
                };
                relocation::apply(
                    kind,
                    &mut memory[place..start + data.len()],
                    address,
                    target,
                    relocation.addend(),
                )?;
            }
        }
        Ok(())
    }
}

/// Gives each distinct symbol a place of `size` bytes from `end` on; returns the new end.
fn allot(
    places: &mut FxHashMap<SymbolIndex, usize>,
    symbols: &[SymbolIndex],
    end: usize,
    size: usize,
) -> usize {
    let mut next = end.next_multiple_of(size);
    for &symbol in symbols {
        places.entry(symbol).or_insert_with(|| {
            next += size;
            next - size
        });
    }
    if symbols.is_empty() { end } else { next }
}

/// Finds symbols' addresses.
struct Symbols<'a, 'data> {
    file: &'a ElfFile<'data>,
    layout: &'a Layout,
    base: usize,
    resolve: &'a dyn Fn(&str) -> Option<*const c_void>,
}

impl Symbols<'_, '_> {
    fn address(&self, index: SymbolIndex) -> Result<u64> {
        let symbol = self.file.symbol_by_index(index).map_err(damaged)?;
        match symbol.section() {
            SymbolSection::Section(section) => match self.layout.sections.get(&section) {
                Some(&offset) => Ok(((self.base + offset) as u64).wrapping_add(symbol.address())),
                None => Err(Error::Object("it refers to a section that is not loaded".into())),
            },
            SymbolSection::Absolute => Ok(symbol.address()),
            SymbolSection::Undefined => {
                let name = symbol.name().map_err(damaged)?;
                let address = hot_functions::address(name)
                    .or_else(|| (self.resolve)(name))
                    .or_else(|| libcalls::address(name));
                match address.map(|address| address as u64).or_else(|| token_value(name)) {
                    Some(address) => Ok(address),
                    None => Err(Error::UndefinedSymbol(name.to_owned())),
                }
            }
            _ => Err(Error::Object("a symbol of an unknown kind".into())),
        }
    }

    /// The symbols that others may use, sorted by name.
    fn exported(&self) -> Result<Vec<(Box<str>, usize)>> {
        let mut exported = Vec::new();
        for symbol in self.file.symbols().filter(|symbol| symbol.is_definition()) {
            let (name, address) = (symbol.name().map_err(damaged)?, self.address(symbol.index()));
            let Ok(address) = address else { continue };
            if symbol.kind() == object::SymbolKind::Text {
                perf_map::record(name, address as usize, symbol.size() as usize);
            }
            if symbol.is_global() {
                exported.push((name.into(), address as usize));
            }
        }
        exported.sort();
        Ok(exported)
    }
}

/// The segment that a section belongs to; none if it is not part of the program.
fn segment_of<'data>(section: &impl ObjectSection<'data>) -> Option<Segment> {
    let SectionFlags::Elf { sh_flags, sh_type } = section.flags() else {
        return None;
    };
    let has = |flag: elf::SectionFlags| sh_flags.0 & flag.0 != 0;
    let name = section.name().unwrap_or_default();
    if !has(elf::SHF_ALLOC) || section.size() == 0 || name == ".eh_frame" || sh_type == elf::SHT_NOTE {
        return None;
    }
    Some(match (has(elf::SHF_EXECINSTR), has(elf::SHF_WRITE)) {
        (true, _) => Segment::Code,
        // Constant once relocated.
        (false, true) if name.starts_with(".data.rel.ro") => Segment::Constants,
        (false, true) => Segment::Data,
        (false, false) => Segment::Constants,
    })
}

fn kind_of(relocation: &object::Relocation) -> Result<elf::RelocationType> {
    match relocation.flags() {
        RelocationFlags::Elf { r_type } => Ok(r_type),
        _ => Err(Error::Object("a relocation of another format".into())),
    }
}

fn damaged(error: object::Error) -> Error {
    Error::Object(error.to_string())
}

/// Pages of our own, unmapped on drop.
#[derive(Debug)]
struct Mapping {
    base: NonNull<u8>,
    size: usize,
}

// SAFETY: the mapping belongs to this value alone, and after loading nothing writes to it but the loaded code.
unsafe impl Send for Mapping {}
// SAFETY: shared references give out addresses only.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Fresh writable pages, if possible within a call's reach of the runtime.
    fn anonymous(size: usize) -> Result<Mapping> {
        // A place to try: a gigabyte below this crate's own code, then behind the last mapping.
        static HINT: AtomicUsize = AtomicUsize::new(0);
        let hint = match HINT.load(Ordering::Relaxed) {
            0 => {
                (Mapping::anonymous as fn(usize) -> Result<Mapping> as usize).saturating_sub(1 << 30)
                    & !(PAGE - 1)
            }
            hint => hint,
        };
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: without MAP_FIXED an anonymous mapping touches nothing that exists.
        let base = unsafe { libc::mmap(hint as *mut c_void, size, protection, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return Err(Error::Memory(std::io::Error::last_os_error().to_string()));
        }
        HINT.store(base as usize + size, Ordering::Relaxed);
        let base = NonNull::new(base.cast()).ok_or_else(|| Error::Memory("mapped at zero".into()))?;
        Ok(Mapping { base, size })
    }

    fn address(&self) -> usize {
        self.base.as_ptr() as usize
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the pages are mapped, initialised to zero and writable until `protect`, and exclusively ours.
        unsafe { std::slice::from_raw_parts_mut(self.base.as_ptr(), self.size) }
    }

    /// Takes the right to write code and constants away, and lets code be executed.
    fn protect(&mut self, layout: &Layout) -> Result<()> {
        let size = layout.fixed_size.next_multiple_of(PAGE);
        // SAFETY: whole pages at the start of our own mapping.
        let outcome =
            unsafe { libc::mprotect(self.base.as_ptr().cast(), size, libc::PROT_READ | libc::PROT_EXEC) };
        if outcome != 0 {
            return Err(Error::Memory(std::io::Error::last_os_error().to_string()));
        }
        Ok(())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: our own mapping, unmapped once.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.size) };
    }
}
