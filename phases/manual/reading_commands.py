"""Does a command only read? Decides which commands of a runbook may be run on a plain yes.

Rules:
- Only what is known to read counts, decided on the parsed command: the AWS CLI by service and operation
  (`reading_aws.py`), other programs by a table of their options (`reading_programs.py`). Nothing is inferred from a
  name, and an unknown word in front, an unknown option, a path to a program, a variable in front say no.
- Commands that are joined by pipes, `;`, `&&`, `||` or line ends read when each of them does. Anything that the shell
  could make more of (`shell_words.py`) says no: redirection into a file, substitution, variables, wildcards.
- What shows credentials says no, also where they are only read: a file that is known to hold them, the environment, a
  machine's own metadata. Any other command may still show one: output is masked wherever it is kept.
"""

from __future__ import annotations

from phases.manual.reading_aws import reads_aws
from phases.manual.reading_programs import READS
from phases.manual.shell_words import simple_commands
from state.late_pattern import late

# Names of files and directories that hold credentials, wherever in a word they stand (`HEAD:.env`, `~/.aws/config`).
_CREDENTIALS = late(
    r"""(?ix)
    (?:^|[/:=,\s~])
    (?: \.aws | \.ssh | \.gnupg | \.kube | \.docker | \.azure | \.netrc | _netrc | \.pgpass | \.my\.cnf | \.npmrc
      | \.pypirc | \.git-credentials | \.vault-token | \.boto | \.s3cfg | \.htpasswd | \.envrc | \.env (?:\.[\w.-]*)?
      | \.terraform\.d | \.terraformrc | gcloud | gh/hosts\.yml | kubeconfig | gitconfig | \.gitconfig
      | credentials (?:\.\w+)? | secrets? (?:\.\w+)? | id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)? | g?shadow | environ
      | [\w.-]* \. (?: env | tfvars | tfstate (?:\.backup)? | pem | key | p12 | pfx | jks | keystore | kdbx
        | ppk | age )
    )
    (?: $ | [/:,\s*] )
    | \.git/config
    """
)


def only_reads(command: str) -> bool:
    """Whether this command, as a shell would take it, is known to read and nothing else."""
    commands = simple_commands(command)
    return bool(commands) and all(_reads(words) for words in commands or [])


def _reads(words: list[str]) -> bool:
    program, rest = words[0], words[1:]
    if program == "aws":
        return reads_aws(rest)
    if program != "echo" and any(_CREDENTIALS.search(word) for word in rest):
        return False
    return program in READS and READS[program](rest)
