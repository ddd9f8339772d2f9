//! What the function's process took so far, as the kernel counts it.

use crate::deployed::Deployed;

/// `USER_HZ`, in which the kernel counts a process's time (time(7)).
const TICKS: f64 = 100.0;

/// What a process took since it began.
pub(crate) struct Usage {
    pub(crate) processor_seconds: f64,
    /// The most memory that it had, in bytes (proc(5), `VmHWM`).
    pub(crate) peak: u64,
}

impl Usage {
    pub(crate) fn of(deployed: &Deployed) -> Self {
        let Some(process) = deployed.processes().first().cloned() else {
            return Self {
                processor_seconds: 0.0,
                peak: 0,
            };
        };
        let read = |name| std::fs::read_to_string(format!("/proc/{process}/{name}")).unwrap();
        // The fields after the name in brackets: the 14th and 15th of all are the user's and the system's ticks.
        let stat = read("stat");
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        let ticks = |place: usize| fields[place].parse::<f64>().unwrap();
        let status = read("status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = peak.and_then(|line| line.split_whitespace().next());
        Self {
            processor_seconds: (ticks(11) + ticks(12)) / TICKS,
            peak: kilobytes.unwrap().parse::<u64>().unwrap() * 1024,
        }
    }
}
