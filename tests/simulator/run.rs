//! Virtual time and the tasks that live in it. One thread polls them, in an order that the seed draws, and time moves
//! only when no task can go on: so one seed is one story, on every machine.
//!
//! Must not ask the machine for the time, and must not know what the tasks do.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use aws_smithy_async::{
    rt::sleep::{AsyncSleep, Sleep as SdkSleep},
    time::TimeSource,
};
use chrono::{DateTime, TimeDelta, Utc};
use ecr_promoter_local::Clock;

pub type Moment = DateTime<Utc>;
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A task's name: given once, in the order of their beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(u64);

/// The tasks and their time. Clones are the same one.
#[derive(Clone)]
pub struct Run(Arc<Shared>);

struct Shared {
    clock: Clock,
    state: Mutex<State>,
    random: Mutex<fastrand::Rng>,
}

#[derive(Default)]
struct State {
    next: u64,
    timers: BTreeMap<(Moment, u64), Waker>,
    tasks: BTreeMap<Id, Task>,
    killed: BTreeSet<Id>,
    frozen: BTreeMap<Id, Moment>,
}

struct Task {
    /// Absent while it is polled.
    work: Option<Work>,
    flag: Arc<Flag>,
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Run at {}", self.now())
    }
}

impl Run {
    pub fn new(start: Moment, seed: u64) -> Self {
        Self(Arc::new(Shared {
            clock: Clock::manual(start),
            state: Mutex::default(),
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
        }))
    }

    pub fn clock(&self) -> Clock {
        self.0.clock.clone()
    }

    pub fn now(&self) -> Moment {
        self.0.clock.now()
    }

    /// A number below `end`, drawn from the seed.
    pub fn below(&self, end: u64) -> u64 {
        self.0.random.lock().unwrap().u64(0..end.max(1))
    }

    /// Whether something that happens this many times in a thousand happens now.
    pub fn happens(&self, in_a_thousand: u64) -> bool {
        self.below(1000) < in_a_thousand
    }

    /// Milliseconds within a range, drawn from the seed.
    pub fn millis(&self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(range.start + self.below(range.end - range.start))
    }

    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> Id {
        let mut state = self.state();
        let id = Id(state.next);
        state.next += 1;
        let task = Task {
            work: Some(Box::pin(work)),
            flag: Arc::new(Flag(AtomicBool::new(true))),
        };
        state.tasks.insert(id, task);
        id
    }

    pub fn sleep(&self, duration: Duration) -> Sleep {
        let at = self.now() + TimeDelta::from_std(duration).unwrap_or(TimeDelta::days(36_500));
        Sleep {
            run: self.clone(),
            at,
            key: None,
        }
    }

    /// Drops a task wherever it waits; one that is being polled once it waits again.
    pub fn kill(&self, id: Id) {
        self.state().killed.insert(id);
    }

    /// Leaves a task alone until then: its time passes without it.
    pub fn freeze(&self, id: Id, until: Moment) {
        let mut state = self.state();
        let later = state.frozen.get(&id).copied().unwrap_or(until).max(until);
        state.frozen.insert(id, later);
        // Somebody has to look at it then.
        let key = (later, state.next);
        state.next += 1;
        state.timers.insert(key, Waker::noop().clone());
    }

    /// Drops every task: they hold what holds them.
    pub fn end(&self) {
        let tasks = std::mem::take(&mut self.state().tasks);
        drop(tasks);
    }

    /// When a task thaws, where it is frozen.
    pub fn frozen_until(&self, id: Id) -> Option<Moment> {
        let now = self.now();
        let state = self.state();
        state.frozen.get(&id).copied().filter(|until| *until > now)
    }

    pub fn alive(&self, id: Id) -> bool {
        let state = self.state();
        state.tasks.contains_key(&id) && !state.killed.contains(&id)
    }

    /// Goes on until `main` has ended, and hands out what it ended with.
    pub fn until<T: Send + 'static>(&self, main: impl Future<Output = T> + Send + 'static) -> T {
        let result = Arc::new(Mutex::new(None));
        let kept = result.clone();
        let main = self.spawn(async move {
            let value = main.await;
            *kept.lock().unwrap() = Some(value);
        });
        while self.state().tasks.contains_key(&main) {
            assert!(self.step(), "everybody waits for somebody else");
        }
        result.lock().unwrap().take().unwrap()
    }

    /// Polls one task that can go on, or moves time to the next timer; false if there is neither.
    fn step(&self) -> bool {
        self.bury();
        let ready = self.ready();
        if ready.is_empty() {
            return self.pass();
        }
        let chosen = ready[usize::try_from(self.below(ready.len() as u64)).unwrap()];
        let (mut work, flag) = {
            let mut state = self.state();
            let task = state.tasks.get_mut(&chosen).unwrap();
            (task.work.take().unwrap(), task.flag.clone())
        };
        flag.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(flag);
        let ended = work
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready();
        if ended {
            drop(work);
            self.state().tasks.remove(&chosen);
        } else if let Some(task) = self.state().tasks.get_mut(&chosen) {
            task.work = Some(work);
        }
        true
    }

    /// Drops those that were killed; their futures may call back.
    fn bury(&self) {
        let dead: Vec<Task> = {
            let mut state = self.state();
            let killed = std::mem::take(&mut state.killed);
            let tasks = &mut state.tasks;
            killed.iter().filter_map(|id| tasks.remove(id)).collect()
        };
        drop(dead);
    }

    fn ready(&self) -> Vec<Id> {
        let now = self.now();
        let state = self.state();
        let can = |(id, task): &(&Id, &Task)| {
            task.flag.0.load(Ordering::Relaxed)
                && state.frozen.get(id).is_none_or(|until| *until <= now)
        };
        state.tasks.iter().filter(can).map(|(id, _)| *id).collect()
    }

    fn pass(&self) -> bool {
        let next = self.state().timers.pop_first();
        let Some(((at, _), waker)) = next else {
            return false;
        };
        if let Ok(left) = (at - self.now()).to_std() {
            self.0.clock.advance(left);
        }
        waker.wake();
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }
}

/// Ends when its moment has come.
pub struct Sleep {
    run: Run,
    at: Moment,
    key: Option<(Moment, u64)>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let run = self.run.clone();
        let mut state = run.state();
        if let Some(key) = self.key.take() {
            state.timers.remove(&key);
        }
        if run.now() >= self.at {
            return Poll::Ready(());
        }
        let key = (self.at, state.next);
        state.next += 1;
        state.timers.insert(key, context.waker().clone());
        self.key = Some(key);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.run.state().timers.remove(&key);
        }
    }
}

impl AsyncSleep for Run {
    fn sleep(&self, duration: Duration) -> SdkSleep {
        SdkSleep::new(self.sleep(duration))
    }
}

/// A clock that is ahead of AWS's by so much, or behind it.
#[derive(Debug)]
pub struct Skewed {
    pub run: Run,
    pub ahead: TimeDelta,
}

impl TimeSource for Skewed {
    fn now(&self) -> std::time::SystemTime {
        (self.run.now() + self.ahead).into()
    }
}
