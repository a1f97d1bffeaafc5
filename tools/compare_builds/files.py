"""Compares the contents of two files."""
import re
import struct

# A message "modification time" (type 0x0012, 8 bytes) in the header of an HDF5 object, version 1: seconds since 1970.
MODIFICATION_TIME = re.compile(rb"(\x12\x00\x08\x00.\x00\x00\x00\x01\x00\x00\x00)(....)", re.DOTALL)


def without_times(content, start, end):
    """Clears HDF5's creation times of objects: seconds between `start` and `end` become 0."""
    def cleared(match):
        seconds, = struct.unpack("<I", match[2])
        return match[1] + (bytes(4) if start <= seconds <= end else match[2])
    return MODIFICATION_TIME.sub(cleared, content)


def same_content(before, after):
    """Whether two HDF5 files have equal data sets and attributes: (True or False, first difference). Needs h5py."""
    import h5py
    import numpy

    def facts_of(path):
        found = {}

        def note(name, thing):
            if isinstance(thing, h5py.Dataset):
                found[name] = (thing.dtype.str, thing.shape, thing[()].tobytes())
            for key, value in thing.attrs.items():
                value = numpy.asarray(value)
                found[f"{name}@{key}"] = (value.dtype.str, value.shape, repr(value.tolist()))
        with h5py.File(path) as file:
            note("", file)
            file.visititems(note)
        return found

    mine, theirs = facts_of(before), facts_of(after)
    other = [name for name in sorted({*mine, *theirs}) if mine.get(name) != theirs.get(name)]
    return not other, f"{other[0]} differs" if other else ""


def difference(before, after, start, end):
    """The difference between two files made between `start` and `end`, as text; "" if there is none."""
    try:
        mine, theirs = before.read_bytes(), after.read_bytes()
    except OSError as error:
        return f"{error.filename}: {error.strerror.lower()}"
    if mine == theirs:
        return ""
    if not mine.startswith(b"\x89HDF") or not theirs.startswith(b"\x89HDF"):
        place = next((i for i, (a, b) in enumerate(zip(mine, theirs)) if a != b), min(len(mine), len(theirs)))
        return f"{before.name} differs from byte {place} on"
    if without_times(mine, start, end) == without_times(theirs, start, end):
        return ""
    try:
        same, where = same_content(before, after)
    except ImportError:
        return f"{before.name} has other bytes (install python3-h5py to compare the contents)"
    except (OSError, RuntimeError) as error:
        return f"{before.name} cannot be read ({error})"
    return "" if same else where
