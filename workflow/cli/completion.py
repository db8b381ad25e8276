"""`completion`: the lines that make a shell complete verbs, options, runs and workflows. Nothing is written."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from workflow.starting import COMPLETES

# what is typed once, so that every new shell has it
INSTALL = {
    "bash": "echo 'eval \"$(phasegate completion bash)\"' >> ~/.bashrc",
    "zsh": "echo 'eval \"$(phasegate completion zsh)\"' >> ~/.zshrc",
    "fish": "mkdir -p ~/.config/fish/completions && "
    "phasegate completion fish > ~/.config/fish/completions/phasegate.fish",
}
# zsh completes nothing before this was called; who has called it keeps their own
# Source: zshcompsys(1), "Use of compinit"
BEFORE = {"zsh": "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }\n"}


@click.command(epilog="\b\n" + "\n".join(f"{shell}: {command}" for shell, command in INSTALL.items()))
@click.argument("shell", type=click.Choice(list(INSTALL)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete verbs, options, runs and workflows."""
    made = get_completion_class(shell)
    assert made is not None
    click.echo(BEFORE.get(shell, "") + made(context.find_root().command, {}, "phasegate", COMPLETES).source())
