"""What Windows offers by its own interface alone (Microsoft's Windows API reference: fileapi.h, aclapi.h, tlhelp32.h).
Nothing is in here on other systems.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import byref, wintypes

    _kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    _advapi32 = ctypes.WinDLL("advapi32", use_last_error=True)
    _INVALID_HANDLE = ctypes.c_void_p(-1).value
    _FILE_OBJECT, _DACL, _PROTECTED, _UNPROTECTED = 1, 0x4, 0x80000000, 0x20000000
    _IS_PROTECTED = 0x1000
    _EPOCH = 116_444_736_000_000_000
    """1970 in units of 100 ns since 1601 (FILETIME)."""
    _ALL_PROCESSES = 2

    class _Stream(ctypes.Structure):
        """WIN32_FIND_STREAM_DATA."""

        _fields_ = (("size", ctypes.c_longlong), ("name", wintypes.WCHAR * (260 + 36)))

    class _Process(ctypes.Structure):
        """PROCESSENTRY32W."""

        _fields_ = (
            ("size", wintypes.DWORD),
            ("usage", wintypes.DWORD),
            ("id", wintypes.DWORD),
            ("heap", ctypes.c_void_p),
            ("module", wintypes.DWORD),
            ("threads", wintypes.DWORD),
            ("parent", wintypes.DWORD),
            ("priority", wintypes.LONG),
            ("flags", wintypes.DWORD),
            ("name", wintypes.WCHAR * 260),
        )

    for _name in ("FindFirstStreamW", "CreateToolhelp32Snapshot"):
        getattr(_kernel32, _name).restype = ctypes.c_void_p

    def streams_of(path: Path) -> Iterator[str]:
        """The alternate streams of a file, as `:name`; none where the file system has none."""
        found = _Stream()
        search = _kernel32.FindFirstStreamW(ctypes.c_wchar_p(str(path)), 0, byref(found), 0)
        if search in (None, _INVALID_HANDLE):
            return
        try:
            while True:
                name, _, kind = str(found.name)[1:].partition(":")
                if name and kind == "$DATA":
                    yield f":{name}"
                if not _kernel32.FindNextStreamW(ctypes.c_void_p(search), byref(found)):
                    return
        finally:
            _kernel32.FindClose(ctypes.c_void_p(search))

    def copy_access_list(like: Path, to: Path) -> None:
        """Give a file another one's list of who may do what (DACL), as far as the file system has such."""
        access, descriptor = ctypes.c_void_p(), ctypes.c_void_p()
        control, revision = wintypes.WORD(), wintypes.DWORD()
        if _advapi32.GetNamedSecurityInfoW(
            ctypes.c_wchar_p(str(like)), _FILE_OBJECT, _DACL, None, None, byref(access), None, byref(descriptor)
        ):
            return
        try:
            _advapi32.GetSecurityDescriptorControl(descriptor, byref(control), byref(revision))
            inherits = _PROTECTED if control.value & _IS_PROTECTED else _UNPROTECTED
            _advapi32.SetNamedSecurityInfoW(
                ctypes.c_wchar_p(str(to)), _FILE_OBJECT, wintypes.DWORD(_DACL | inherits), None, None, access, None
            )
        finally:
            _kernel32.LocalFree(descriptor)

    def set_creation_time(descriptor: int, nanoseconds: int) -> None:
        """Have an open file say that it was made then, in nanoseconds since 1970."""
        made = ctypes.c_ulonglong(nanoseconds // 100 + _EPOCH)
        _kernel32.SetFileTime(ctypes.c_void_p(msvcrt.get_osfhandle(descriptor)), byref(made), None, None)

    def set_attributes(path: Path, attributes: int) -> None:
        """Give a file its attributes (FILE_ATTRIBUTE_…)."""
        _kernel32.SetFileAttributesW(ctypes.c_wchar_p(str(path)), wintypes.DWORD(attributes))

    def running_programs() -> Iterator[str]:
        """The file names of the programs that run now. Raises OSError."""
        snapshot = _kernel32.CreateToolhelp32Snapshot(_ALL_PROCESSES, 0)
        if snapshot in (None, _INVALID_HANDLE):
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            process = _Process(size=ctypes.sizeof(_Process))
            more = _kernel32.Process32FirstW(ctypes.c_void_p(snapshot), byref(process))
            while more:
                yield str(process.name)
                more = _kernel32.Process32NextW(ctypes.c_void_p(snapshot), byref(process))
        finally:
            _kernel32.CloseHandle(ctypes.c_void_p(snapshot))

    def are_long_paths_enabled() -> bool:
        """Whether paths may have more than 260 characters."""
        asked = getattr(ctypes.WinDLL("ntdll"), "RtlAreLongPathsEnabled", None)
        return bool(asked and asked() & 0xFF)

    def user_name() -> str:
        """The name that this user logged in by; `""` where the system does not say."""
        length = wintypes.DWORD(257)
        name = ctypes.create_unicode_buffer(length.value)
        return name.value if _advapi32.GetUserNameW(name, byref(length)) else ""
