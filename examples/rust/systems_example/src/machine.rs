//! What the system says about this process.

use std::time::Duration;

/// What the process has used since it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Processor time in the program's own code, all threads together.
    pub user: Duration,
    /// Processor time the system spent for it.
    pub system: Duration,
    /// The most memory it ever had in use. Linux begins to count before the program is loaded, so the
    /// memory of the one who started it (cargo, for example) is the least that is ever told.
    pub peak_memory_bytes: u64,
}

/// What this process has used; `None` on systems where nobody can be asked.
pub fn usage() -> Option<Usage> {
    imp::usage()
}

cfg_if::cfg_if! {
    if #[cfg(unix)] {
        mod imp {
            use super::{Duration, Usage};

            /// `ru_maxrss` counts kibibytes, only Apple's systems count bytes.
            const MEMORY_UNIT_BYTES: u64 = if cfg!(target_vendor = "apple") { 1 } else { 1024 };

            pub fn usage() -> Option<Usage> {
                let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
                // SAFETY: the pointer is to memory of the right size and alignment that is ours alone.
                let outcome = unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) };
                if outcome != 0 {
                    return None;
                }
                // SAFETY: all fields are integers, for which zero bytes are a value already.
                let usage = unsafe { usage.assume_init() };
                Some(Usage {
                    user: duration(usage.ru_utime)?,
                    system: duration(usage.ru_stime)?,
                    peak_memory_bytes: u64::try_from(usage.ru_maxrss).ok()? * MEMORY_UNIT_BYTES,
                })
            }

            fn duration(time: libc::timeval) -> Option<Duration> {
                let seconds = u64::try_from(time.tv_sec).ok()?;
                let microseconds = u32::try_from(time.tv_usec).ok()?;
                Some(Duration::new(seconds, microseconds.checked_mul(1000)?))
            }
        }
    } else {
        mod imp {
            pub fn usage() -> Option<super::Usage> {
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_process_has_memory_and_its_times_only_grow() {
        let before = usage().unwrap();
        assert!(before.peak_memory_bytes > 64 * 1024);
        let after = usage().unwrap();
        assert!(after.user >= before.user && after.system >= before.system);
        assert!(after.peak_memory_bytes >= before.peak_memory_bytes);
    }

    #[cfg(not(unix))]
    #[test]
    fn elsewhere_there_is_no_answer() {
        assert_eq!(usage(), None);
    }
}
