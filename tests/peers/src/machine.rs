//! What Linux knows: processors, processor time of a process, and the versions to print.

use std::{fmt::Write as _, fs, process::Command};

use rustix::thread::{CpuSet, sched_setaffinity};

/// Binds this thread, and the threads and processes that it starts, to one processor.
pub fn pin_to(core: usize) {
    let mut set = CpuSet::new();
    set.set(core);
    sched_setaffinity(None, &set).expect("a processor of this number");
}

/// The processor time that a process used so far, in microseconds, summed over its threads.
#[must_use]
pub fn cpu_micros(process: u32) -> f64 {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("a running process");
    let nanoseconds: u64 = threads
        .filter_map(|thread| {
            let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        })
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 ns")]
    let micros = nanoseconds as f64 / 1000.0;
    micros
}

/// The processor time, in seconds, of all processes that this one started and that have ended.
#[must_use]
pub fn seconds_of_children() -> f64 {
    /// Linux counts in hundredths of a second, on every architecture that Rust knows.
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").expect("a running process");
    // proc(5): cutime and cstime are fields 16 and 17; field 2 is in parentheses.
    let (_, fields) = stat.rsplit_once(") ").expect("a name in parentheses");
    let ticks = fields.split(' ').skip(13).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / TICKS
}

/// The machine, how busy it is now, and the compiler, as a Markdown list.
#[must_use]
pub fn description() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = cpus.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let model = field("model name").unwrap_or_else(|| "unknown".to_owned());
    let cores = cpus
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown");
    let busy = if load.parse::<f64>().is_ok_and(|load| load > 1.0) {
        ": busy with other things, so the rates and ratios are rough and only the CPU figures are good"
    } else {
        ""
    };
    let mut text = String::new();
    writeln!(text, "- processor: {model}, {cores} cores").expect("memory");
    writeln!(
        text,
        "- system: Linux {}, load average {load} before{busy}",
        kernel.trim()
    )
    .expect("memory");
    writeln!(text, "- compiler: {}", rustc()).expect("memory");
    text
}

fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map_or_else(
        |_| "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
