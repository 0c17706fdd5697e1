"""A small window that files can be dragged out of, as from a file manager.

    drag_source.py X Y FILE...    places it at X, Y of the screen and prints “ready”
"""

import pathlib
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

x, y = int(sys.argv[1]), int(sys.argv[2])
uris = [pathlib.Path(name).resolve().as_uri() for name in sys.argv[3:]]

window = Gtk.Window(title="Drag source")
window.set_default_size(160, 120)
window.move(x, y)
handle = Gtk.EventBox()
handle.add(Gtk.Label(label="\n".join(pathlib.Path(name).name for name in sys.argv[3:])))
handle.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
handle.drag_source_add_uri_targets()
handle.connect("drag-data-get", lambda _w, _c, data, _i, _t: data.set_uris(uris))
handle.connect("drag-end", lambda *_: print("ended", flush=True))
window.add(handle)
window.connect("destroy", Gtk.main_quit)
window.show_all()
GLib.idle_add(lambda: print("ready", flush=True) or False)
Gtk.main()
