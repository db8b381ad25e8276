"""How is a line that stands there already typed over? What is typed first replaces it; who moves or deletes edits it.

As marked text elsewhere: Enter alone keeps it, and nothing that is typed is put behind it unseen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.key_binding import KeyPressEvent


def typed_over(application: Application[Any]) -> None:
    """Have what stands in this prompt's line replaced by what is typed or pasted first."""
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
    from prompt_toolkit.keys import Keys

    touched = False
    bindings = KeyBindings()

    def touches(_buffer: object) -> None:
        nonlocal touched
        touched = True

    def replaces(event: KeyPressEvent) -> None:
        event.current_buffer.text = ""
        event.current_buffer.insert_text(event.data)

    untouched = Condition(lambda: not touched)
    bindings.add(Keys.Any, filter=untouched)(replaces)
    bindings.add(Keys.BracketedPaste, filter=untouched)(replaces)
    buffer = application.current_buffer
    buffer.on_text_changed += touches
    buffer.on_cursor_position_changed += touches
    application.key_bindings = merge_key_bindings([application.key_bindings or KeyBindings(), bindings])
