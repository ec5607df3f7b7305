"""The names behind the numbers of a trace: include/uapi/linux/io_uring.h, bit by bit."""

from __future__ import annotations

from collections.abc import Sequence

# enum io_uring_op
OPCODES = (
    "NOP READV WRITEV FSYNC READ_FIXED WRITE_FIXED POLL_ADD POLL_REMOVE SYNC_FILE_RANGE SENDMSG "
    "RECVMSG TIMEOUT TIMEOUT_REMOVE ACCEPT ASYNC_CANCEL LINK_TIMEOUT CONNECT FALLOCATE OPENAT CLOSE "
    "FILES_UPDATE STATX READ WRITE FADVISE MADVISE SEND RECV OPENAT2 EPOLL_CTL SPLICE "
    "PROVIDE_BUFFERS REMOVE_BUFFERS TEE SHUTDOWN RENAMEAT UNLINKAT MKDIRAT SYMLINKAT LINKAT "
    "MSG_RING FSETXATTR SETXATTR FGETXATTR GETXATTR SOCKET URING_CMD SEND_ZC SENDMSG_ZC "
    "READ_MULTISHOT WAITID FUTEX_WAIT FUTEX_WAKE FUTEX_WAITV FIXED_FD_INSTALL FTRUNCATE BIND LISTEN "
    "RECV_ZC EPOLL_WAIT READV_FIXED WRITEV_FIXED PIPE NOP128 URING_CMD128"
).split()
# IOSQE_*, IORING_ASYNC_CANCEL_*, IORING_TIMEOUT_*, IORING_POLL_*, IORING_CQE_F_*
SQE_FLAGS = "FIXED_FILE DRAIN LINK HARDLINK ASYNC BUFFER_SELECT SKIP_SUCCESS".split()
CANCEL_FLAGS = "ALL FD ANY FD_FIXED USERDATA OP".split()
TIMEOUT_FLAGS = (
    "ABS UPDATE BOOTTIME REALTIME LINK_UPDATE ETIME_SUCCESS MULTISHOT IMMEDIATE_ARG".split()
)
POLL_FLAGS = "MULTI UPDATE_EVENTS UPDATE_USER_DATA LEVEL".split()
CQE_FLAGS = "BUFFER MORE SOCK_NONEMPTY NOTIF BUF_MORE".split()


def opcode_name(number: int) -> str:
    """ASYNC_CANCEL for 14; a number that is newer than this list stays one."""
    return OPCODES[number] if 0 <= number < len(OPCODES) else f"op {number}"


def flag_names(bits: int, names: Sequence[str]) -> list[str]:
    """The names of the bits that are set; what has no name stays a number."""
    known = [name for bit, name in enumerate(names) if bits >> bit & 1]
    rest = bits >> len(names) << len(names)
    return [*known, f"{rest:#x}"] if rest else known


def cqe_flag_names(flags: int) -> list[str]:
    """Those of a CQE, whose upper half is the number of a buffer."""
    buffer = [f"buffer {flags >> 16}"] if flags & 1 else []
    return [*flag_names(flags & 0xFFFF, CQE_FLAGS), *buffer]
