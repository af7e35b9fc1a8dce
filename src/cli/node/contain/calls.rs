//! The system calls that are left to a contained handler: those that Node needs to compute, read files, and use its pipes.
//!
//! A list of what is allowed, so a call that a newer kernel adds is denied. Found with `strace` on Node 20, 22, 24, and 26.
//! A denied call fails with `ENOSYS`, as on a kernel without it: then the C library takes an older call (`clone` for
//! `clone3`), and libuv takes `epoll` for `io_uring`. Numbers of calls are those of `libc`; 32-bit calls end the process.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

/// Allowed with any arguments.
const FREE: &[c_long] = &[
    // Files that are open, and what is said of names. Nothing here changes a file.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_fstatfs,
    libc::SYS_readlinkat,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_fadvise64,
    libc::SYS_dup,
    libc::SYS_dup3,
    // Waiting, between threads and on pipes.
    libc::SYS_pipe2,
    libc::SYS_eventfd2,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_futex,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_sched_yield,
    libc::SYS_restart_syscall,
    // Memory. Pages that are written and executed are how JavaScript is compiled.
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_membarrier,
    libc::SYS_pkey_alloc,
    libc::SYS_pkey_free,
    libc::SYS_pkey_mprotect,
    // Threads of this process, and signals that it gets.
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_rseq,
    // No process is started, so what is executed takes the place of Node and keeps its filter. Node itself must be.
    libc::SYS_execve,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Questions.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_capget,
    libc::SYS_uname,
    libc::SYS_sysinfo,
    libc::SYS_times,
    libc::SYS_getrusage,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_getparam,
    libc::SYS_sched_getscheduler,
];

/// Older calls, which newer architectures do not have.
#[cfg(target_arch = "x86_64")]
const OLD: &[c_long] = &[
    libc::SYS_access,
    libc::SYS_arch_prctl,
    libc::SYS_dup2,
    libc::SYS_epoll_wait,
    libc::SYS_lstat,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_readlink,
    libc::SYS_select,
    libc::SYS_stat,
    libc::SYS_time,
];
#[cfg(not(target_arch = "x86_64"))]
const OLD: &[c_long] = &[];

/// What `fcntl` is allowed to do: not to send signals to other processes (`F_SETOWN`).
const FCNTL: [i32; 6] =
    [libc::F_DUPFD, libc::F_GETFD, libc::F_SETFD, libc::F_GETFL, libc::F_SETFL, libc::F_DUPFD_CLOEXEC];
/// What `ioctl` is allowed to do: not to type into a terminal (`TIOCSTI`). `FIOCLEX`, `FIONCLEX`, `FIONBIO`, `FIONREAD`,
/// `TCGETS`, and `TIOCGWINSZ`, which `libc` gives different types on different systems.
const IOCTL: [u64; 6] = [0x5451, 0x5450, 0x5421, 0x541b, 0x5401, 0x5413];
/// What `prctl` is allowed to do: to name threads and memory.
const PRCTL: [i32; 2] = [libc::PR_SET_NAME, libc::PR_SET_VMA];
/// With any of these, a file is opened to be changed.
const WRITES: i32 = libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC | libc::O_APPEND;
/// A new thread has the first of these flags alone; a new process, or a namespace, does not.
const THREAD: i32 = libc::CLONE_THREAD;
const SPACES: i32 = libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET;

/// The filter of the process `pid`.
pub(super) fn filter(pid: u32) -> Result<BpfProgram, BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = FREE.iter().chain(OLD).map(|call| (*call, Vec::new())).collect();
    let own = || one(0, SeccompCmpOp::Eq, pid.into());
    rules.insert(libc::SYS_kill, vec![all([own()])?]);
    rules.insert(libc::SYS_tgkill, vec![all([own()])?]);
    // Limits of this process, which it calls 0, and no other's.
    rules.insert(libc::SYS_prlimit64, vec![all([one(0, SeccompCmpOp::Eq, 0)])?]);
    rules.insert(libc::SYS_clone, vec![all([one(0, masked(THREAD | SPACES), number(THREAD))])?]);
    rules.insert(libc::SYS_openat, vec![all([one(2, masked(WRITES), 0)])?]);
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_open, vec![all([one(1, masked(WRITES), 0)])?]);
    rules.insert(libc::SYS_fcntl, any(1, FCNTL.map(number))?);
    rules.insert(libc::SYS_ioctl, any(1, IOCTL)?);
    rules.insert(libc::SYS_prctl, any(0, PRCTL.map(number))?);
    let denied = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(rules, denied, SeccompAction::Allow, architecture)?.try_into()
}

/// The lower half of an argument, which is all that the kernel looks at for these.
fn one(argument: u8, is: SeccompCmpOp, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, is, value)
}

fn masked(bits: i32) -> SeccompCmpOp {
    SeccompCmpOp::MaskedEq(number(bits))
}

fn number(value: i32) -> u64 {
    u64::from(value.cast_unsigned())
}

fn all<const N: usize>(conditions: [Result<SeccompCondition, BackendError>; N]) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions.into_iter().collect::<Result<_, _>>()?)
}

fn any<const N: usize>(argument: u8, values: [u64; N]) -> Result<Vec<SeccompRule>, BackendError> {
    values.into_iter().map(|value| all([one(argument, SeccompCmpOp::Eq, value)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each of these would be a way out by itself.
    #[test]
    fn no_way_out_is_on_the_list() {
        let denied = [
            libc::SYS_socket,
            libc::SYS_socketpair,
            libc::SYS_connect,
            libc::SYS_bind,
            libc::SYS_sendto,
            libc::SYS_sendmsg,
            libc::SYS_io_uring_setup,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_pidfd_open,
            libc::SYS_pidfd_getfd,
            libc::SYS_pidfd_send_signal,
            libc::SYS_tkill,
            libc::SYS_rt_sigqueueinfo,
            libc::SYS_rt_tgsigqueueinfo,
            libc::SYS_bpf,
            libc::SYS_keyctl,
            libc::SYS_unshare,
            libc::SYS_setns,
            libc::SYS_mount,
            libc::SYS_clone3,
            libc::SYS_execveat,
            libc::SYS_memfd_create,
            libc::SYS_unlinkat,
            libc::SYS_renameat2,
            libc::SYS_ftruncate,
            libc::SYS_openat2,
        ];
        for call in denied {
            assert!(!FREE.contains(&call) && !OLD.contains(&call), "{call}");
        }
        assert!(filter(1).is_ok_and(|program| program.len() < 4_096));
    }
}
