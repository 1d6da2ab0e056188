//! What keeps threads from changing a container of `rumba.typed` that another one works with.
//!
//! Whatever has the interpreter lock has all containers to itself. So a function that runs without the lock *holds* those
//! that it is given, and what they hold, until it returns: others may read what it reads, and everything else is a
//! `RuntimeError`. One that runs with the lock holds its containers, too, once it lets Python code run, but only against
//! functions without the lock: they are what could be at work in a container when it goes on.
//!
//! Holds are taken and given up with the interpreter lock, and as long as nobody has any, what asks for them looks at one
//! number.

use crate::containers::object_of;
use crate::thread;
use crate::typed::is_container;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use rumba_driver::Compiled;
use rumba_runtime::containers::{Instance, List, TYPED, Table};
use rumba_runtime::memory::{rumba_release, rumba_retain};
use rumba_types::{Type, TypeKind};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A container or instance that code is given.
struct Given {
    place: Place,
    ty: Type,
    /// Whether the code may change containers that are reached from there.
    changes: bool,
}

enum Place {
    Slot(usize),
    Constant(u64),
}

impl Given {
    /// # Safety
    /// `slots` are the packed arguments.
    unsafe fn address(&self, slots: *const u64) -> u64 {
        match self.place {
            // SAFETY: promised by the caller.
            Place::Slot(slot) => unsafe { slots.add(slot).read() },
            Place::Constant(address) => address,
        }
    }
}

/// The containers and instances that code of one specialisation is given.
#[derive(Default)]
pub struct AllGiven(Box<[Given]>);

impl AllGiven {
    pub fn to(compiled: &Compiled) -> AllGiven {
        let (mut given, mut slot) = (Vec::new(), 0);
        for (idx, param) in compiled.params.iter().enumerate() {
            let changes = compiled.changes(idx);
            let mut add = |slot, ty| given.push(Given { place: Place::Slot(slot), ty, changes });
            slot = each_way_in(*param, slot, &mut add);
        }
        for (ty, address) in &compiled.constants {
            given.push(Given { place: Place::Constant(*address), ty: *ty, changes: false });
        }
        AllGiven(given.into())
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Visits the containers of `rumba.typed` that are reached from there.
    ///
    /// # Safety
    /// `slots` are the packed arguments; nobody changes the containers meanwhile, or `visit` refuses those.
    unsafe fn visit(
        &self,
        slots: *const u64,
        visit: &mut impl FnMut(u64, bool) -> Result<(), Conflict>,
    ) -> Result<(), Conflict> {
        self.0.iter().try_for_each(|given| {
            // SAFETY: promised by the caller.
            unsafe {
                let address = given.address(slots);
                let mut walk = Walk {
                    changes: given.changes,
                    visit: &mut *visit,
                    ways: FxHashMap::default(),
                    seen: FxHashSet::default(),
                    todo: Vec::new(),
                };
                walk.run(given.ty, address)
            }
        })
    }
}

/// The containers and instances that a generator was given, which it is given again whenever it goes on.
#[derive(Default)]
pub struct Kept(AllGiven);

impl Kept {
    /// # Safety
    /// `slots` are the packed arguments, of which a generator was made that may change containers, or not.
    pub unsafe fn of(given: &AllGiven, slots: *const u64, changes: bool) -> Kept {
        let keep = |given: &Given| {
            // SAFETY: promised by the caller.
            let address = unsafe { given.address(slots) };
            // SAFETY: what is given is alive; the reference is given up with this value.
            unsafe { rumba_retain(address) };
            let changes = changes && matches!(given.place, Place::Slot(_));
            Given { place: Place::Constant(address), ty: given.ty, changes }
        };
        Kept(AllGiven(given.0.iter().map(keep).collect()))
    }

    /// Runs code of the generator. With an error it has not run.
    pub fn while_holding<T>(&self, code: impl FnOnce() -> T) -> PyResult<T> {
        // SAFETY: all that is given is at constant addresses, and kept alive by this value.
        unsafe { while_holding(&self.0, std::ptr::null(), false, code) }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        for given in &self.0.0 {
            // SAFETY: the reference was counted when this value was made; without slots there is nothing in them.
            unsafe { rumba_release(given.address(std::ptr::null())) };
        }
    }
}

/// Calls `add` for each part of a value that leads to containers, whose scalars have numbers from this one on, with the number
/// of its address. Gives the number behind the last one.
fn each_way_in(ty: Type, scalar: usize, add: &mut impl FnMut(usize, Type)) -> usize {
    if leads_to_containers(ty, &mut Vec::new()) && ty.owner_field().is_some() {
        add(scalar, ty);
    }
    match ty.fields() {
        Some(fields) if ty.owner_field().is_none() => {
            fields.into_iter().fold(scalar, |scalar, field| each_way_in(field, scalar, add))
        }
        _ => scalar + ty.scalars().len(),
    }
}

/// Whether a value is a container or instance, or has one in it, from which a container is reached.
fn leads_to_containers(ty: Type, classes: &mut Vec<u32>) -> bool {
    match ty.as_instance() {
        _ if is_container(ty) => !ty.is_frozenset(),
        Some(class) if !classes.contains(&class.id) => {
            classes.push(class.id);
            let fields = class.fields().unwrap_or_default();
            fields.iter().any(|field| leads_to_containers(field.ty, classes))
        }
        Some(_) => false,
        None => {
            let fields = ty.fields().filter(|_| ty.owner_field().is_none()).unwrap_or_default();
            fields.into_iter().any(|field| leads_to_containers(field, classes))
        }
    }
}

/// Visits a container or instance and what is reached from there.
struct Walk<'a, V> {
    changes: bool,
    visit: &'a mut V,
    /// By type of an element, or of the contents of an instance: where the ways to containers are.
    ways: FxHashMap<Type, Rc<[(usize, Type)]>>,
    /// Instances may refer to each other in a circle.
    seen: FxHashSet<u64>,
    todo: Vec<(Type, u64)>,
}

impl<V: FnMut(u64, bool) -> Result<(), Conflict>> Walk<'_, V> {
    /// # Safety
    /// As [`AllGiven::visit`]; a container or instance of this type is at the address, or it is 0.
    unsafe fn run(&mut self, ty: Type, address: u64) -> Result<(), Conflict> {
        self.todo.push((ty, address));
        while let Some((ty, address)) = self.todo.pop() {
            if address == 0 {
                continue;
            }
            // SAFETY: promised by the caller; elements are stored as their types say.
            unsafe {
                if let Some(class) = ty.as_instance() {
                    if self.seen.insert(address) {
                        self.enter(class.content(), Instance::fields(address as *mut Instance));
                    }
                    continue;
                }
                if object_of(ty, address) == TYPED {
                    (self.visit)(address, self.changes)?;
                }
                match ty.kind() {
                    TypeKind::List(element) | TypeKind::Deque(element) => {
                        let list = &*(address as *const List);
                        if !self.ways(*element).is_empty() {
                            (0..list.length).for_each(|idx| self.enter(*element, list.at(idx)));
                        }
                    }
                    TypeKind::Dict(key, value, _) => {
                        let (table, distance) = (&*(address as *const Table), key.slots().size as usize);
                        if !self.ways(*value).is_empty() {
                            table.live().for_each(|key| self.enter(*value, key.add(distance)));
                        }
                    }
                    // Items of sets lead nowhere.
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn ways(&mut self, ty: Type) -> Rc<[(usize, Type)]> {
        let find = || {
            let (offsets, mut ways) = (ty.storage().offsets, Vec::new());
            each_way_in(ty, 0, &mut |scalar, ty| ways.push((offsets[scalar] as usize, ty)));
            ways.into()
        };
        self.ways.entry(ty).or_insert_with(find).clone()
    }

    /// # Safety
    /// A value of the type is there.
    unsafe fn enter(&mut self, ty: Type, place: *const u8) {
        for (offset, ty) in self.ways(ty).iter() {
            // SAFETY: promised by the caller.
            self.todo.push((*ty, unsafe { place.add(*offset).cast::<u64>().read() }));
        }
    }
}

/// One thread's hold of a container.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Hold {
    thread: usize,
    changes: bool,
    /// Whether compiled code works with it without the interpreter lock.
    runs: bool,
}

/// Another thread has a hold that excludes what is to be done.
#[derive(Clone, Copy)]
struct Conflict {
    changes: bool,
}

impl Conflict {
    fn error(self) -> PyErr {
        let does = if self.changes { "changes" } else { "reads" };
        PyRuntimeError::new_err(format!(
            "a container of rumba.typed is in use: a compiled function in another thread {does} it"
        ))
    }
}

/// By address of a container. Only who has the interpreter lock locks it.
static HOLDS: Mutex<Option<FxHashMap<u64, Vec<Hold>>>> = Mutex::new(None);

/// How many holds of functions that run without the interpreter lock there are.
static N_RUNNING: AtomicUsize = AtomicUsize::new(0);

fn holds() -> MutexGuard<'static, Option<FxHashMap<u64, Vec<Hold>>>> {
    HOLDS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn conflict(of: Option<&Vec<Hold>>, own: Hold) -> Result<(), Conflict> {
    let excludes = |other: &&Hold| {
        other.thread != own.thread && (other.changes || own.changes) && (other.runs || own.runs)
    };
    match of.into_iter().flatten().find(excludes) {
        Some(other) => Err(Conflict { changes: other.changes }),
        None => Ok(()),
    }
}

fn this_thread() -> usize {
    thread::context() as usize
}

/// Whether the interpreter may read or change a container now.
#[inline(always)]
pub fn check(container: u64, changes: bool) -> PyResult<()> {
    match N_RUNNING.load(Ordering::Relaxed) {
        0 => Ok(()),
        _ => check_among_holds(container, changes),
    }
}

#[cold]
fn check_among_holds(container: u64, changes: bool) -> PyResult<()> {
    let own = Hold { thread: this_thread(), changes, runs: false };
    let holds = holds();
    let of = holds.as_ref().and_then(|holds| holds.get(&container));
    conflict(of, own).map_err(Conflict::error)
}

/// A call of compiled code that is given containers, as long as it runs.
struct Call {
    given: *const AllGiven,
    slots: *const u64,
    runs: bool,
    holds: Cell<bool>,
    /// What it holds, each with a counted reference.
    held: RefCell<Vec<(u64, Hold)>>,
    outer: *const Call,
}

thread_local! {
    /// The innermost one of this thread.
    static CALL: Cell<*const Call> = const { Cell::new(std::ptr::null()) };
}

impl Call {
    fn check(&self) -> Result<(), Conflict> {
        if N_RUNNING.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        let (thread, holds) = (this_thread(), holds());
        let Some(holds) = holds.as_ref() else { return Ok(()) };
        // SAFETY: the arguments are alive; a container that somebody changes is refused before it is looked into.
        unsafe {
            (*self.given).visit(self.slots, &mut |container, changes| {
                conflict(holds.get(&container), Hold { thread, changes, runs: false })
            })
        }
    }

    fn hold(&self) -> Result<(), Conflict> {
        self.holds.set(true);
        let (thread, runs) = (this_thread(), self.runs);
        let mut guard = holds();
        let holds = guard.get_or_insert_default();
        let mut held = self.held.borrow_mut();
        // SAFETY: as for `check`; the containers are alive.
        unsafe {
            (*self.given).visit(self.slots, &mut |container, changes| {
                let hold = Hold { thread, changes, runs };
                conflict(holds.get(&container), hold)?;
                holds.entry(container).or_default().push(hold);
                rumba_retain(container);
                held.push((container, hold));
                if runs {
                    N_RUNNING.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            })
        }
    }

    fn give_up(&self) {
        let held = self.held.take();
        if held.is_empty() {
            return;
        }
        if self.runs {
            N_RUNNING.fetch_sub(held.len(), Ordering::Relaxed);
        }
        let mut guard = holds();
        let holds = guard.get_or_insert_default();
        for (container, hold) in &held {
            if let Some(of) = holds.get_mut(container) {
                if let Some(idx) = of.iter().position(|own| own == hold) {
                    of.swap_remove(idx);
                }
                if of.is_empty() {
                    holds.remove(container);
                }
            }
        }
        drop(guard);
        for (container, _) in held {
            // SAFETY: the reference was counted when the hold was taken. Nobody has the lock that ending the container's
            // objects may ask for.
            unsafe { rumba_release(container) };
        }
    }
}

/// Runs code that is given containers. With an error it has not run.
///
/// # Safety
/// `slots` are the packed arguments, whose objects are alive until the code has returned; the interpreter is attached.
pub unsafe fn while_holding<T>(
    given: &AllGiven,
    slots: *const u64,
    releases_lock: bool,
    code: impl FnOnce() -> T,
) -> PyResult<T> {
    let outer = CALL.get();
    let call =
        Call { given, slots, runs: releases_lock, holds: Cell::new(false), held: RefCell::default(), outer };
    let fine = if releases_lock { call.hold() } else { call.check() };
    if let Err(conflict) = fine {
        call.give_up();
        return Err(conflict.error());
    }
    CALL.set(&raw const call);
    let result = code();
    CALL.set(outer);
    call.give_up();
    Ok(result)
}

/// Takes the holds of calls of this thread that have had the interpreter lock until now, before Python code may give it
/// away.
pub fn hold_before_python() {
    let mut current = CALL.get();
    // SAFETY: calls that have not returned are on the stack.
    while let Some(call) = unsafe { current.as_ref() } {
        if !call.holds.get() {
            // The call has had the lock since it was found that nobody excludes it.
            let _ = call.hold();
        }
        current = call.outer;
    }
}

/// Of the parent's threads the child of a fork has this one, which is in no function that runs without the lock.
pub fn after_fork_in_child() {
    let own = this_thread();
    let mut guard = holds();
    if let Some(holds) = guard.as_mut() {
        holds.retain(|_, of| {
            of.retain(|hold| hold.thread == own);
            !of.is_empty()
        });
        let running = holds.values().flatten().filter(|hold| hold.runs).count();
        N_RUNNING.store(running, Ordering::Relaxed);
    }
}
