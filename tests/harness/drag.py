#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file manager is to a drag: a small window whose middle is the file that is named, to be dragged from there."""
import sys

import gi

gi.require_version("Gdk", "4.0")
gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, Gio, GLib, GObject, Gtk  # noqa: E402

file, title = Gio.File.new_for_path(sys.argv[1]), sys.argv[2]
value = GObject.Value(Gdk.FileList)
value.set_boxed(Gdk.FileList.new_from_array([file]))
source = Gtk.DragSource(content=Gdk.ContentProvider.new_for_value(value), actions=Gdk.DragAction.COPY)
label = Gtk.Label(label=file.get_basename(), width_request=140, height_request=140)
label.add_controller(source)
window = Gtk.Window(title=title, child=label, decorated=False)
window.present()
GLib.MainLoop().run()
