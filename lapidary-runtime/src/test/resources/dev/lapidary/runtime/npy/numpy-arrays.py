"""Writes numpy-arrays.hex beside it: one line per file, its name and its bytes, as NumPy 1.24.2 wrote them."""
import io, os
import numpy as np

def npy(array, version=None, **options):
    out = io.BytesIO()
    if version is None:
        np.save(out, array, **options)
    else:
        np.lib.format.write_array(out, array, version)
    return out.getvalue()

def npz(save, **arrays):
    out = io.BytesIO()
    save(out, **arrays)
    return out.getvalue()

grid = np.arange(6).reshape(2, 3)
cube = np.arange(24).reshape(2, 3, 4)
labels = np.array(["cat", "", "Zoë 🐈"])
files = {}
for kind in ["<f2", "<f4", "<f8", ">f2", ">f4", ">f8"]:
    files["float" + kind] = npy(np.array([0.5, -2, np.nan, np.inf], kind))
for kind in ["i1", "<i2", "<i4", "<i8", ">i2", ">i4", ">i8"]:
    files["int" + kind] = npy(np.array([np.iinfo(kind).min, -1, np.iinfo(kind).max], kind))
for kind in ["u1", "<u2", "<u4", ">u2", ">u4"]:
    files["unsigned" + kind] = npy(np.array([0, 1, np.iinfo(kind).max], kind))
files["unsigned<u8"] = npy(np.array([0, 2**63 - 1], "<u8"))
files["unsigned>u8"] = npy(np.array([0, 2**63 - 1], ">u8"))
files["too-large"] = npy(np.array([2**63], "<u8"))
files["bool"] = npy(np.array([True, False]))
files["scalar"] = npy(np.float32(1.5))
files["empty"] = npy(np.zeros((0, 3), "<f4"))
files["fortran2"] = npy(np.asfortranarray(grid.astype("<f4")))
files["fortran2>"] = npy(np.asfortranarray(grid.astype(">i2")))
files["fortran3"] = npy(np.asfortranarray(cube.astype("<i4")))
files["fortran-u2"] = npy(np.asfortranarray(grid.astype("<u2")))
files["fortran-text"] = npy(np.asfortranarray(grid.astype("<U1")))
files["version2"] = npy(grid.astype("<f4"), (2, 0))
files["version3"] = npy(grid.astype("<f4"), (3, 0))
files["text<"] = npy(labels)
files["text>"] = npy(labels.astype(labels.dtype.newbyteorder(">")))
files["bytes"] = npy(np.array([b"cat", b"", "Zoë".encode()]))
files["objects"] = npy(np.array([{}], dtype=object), allow_pickle=True)
files["complex"] = npy(np.array([1j]))
files["date"] = npy(np.array(["2026-01-01"], "<M8[D]"))
files["record"] = npy(np.zeros(2, [("a", "<f4"), ("b", "<i4")]))
files["stored.npz"] = npz(np.savez, embeddings=grid.astype("<f4"), labels=labels)
files["deflated.npz"] = npz(np.savez_compressed, embeddings=np.asfortranarray(grid.astype(">f4")), labels=labels)

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "numpy-arrays.hex"), "w") as out:
    for name, data in files.items():
        out.write(name + " " + data.hex() + "\n")
