"""The command line: `main` (front door), then a file a verb: options in, the desk (`workflow.service`), text out."""

import gc

from workflow.cli.put_off import import_without

# Here, before anything is imported: the modules of a command, which all stay, are some 50,000 objects, and to look
# through them for garbage again and again was a tenth of the time of `--help`.
gc.set_threshold(100_000)
import_without("pathlib", later="urllib.parse", functions=["quote_from_bytes"])
import_without("dataclasses", later="inspect")
