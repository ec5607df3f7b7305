"""python -m ringspec"""

from ringspec.cli import main

raise SystemExit(main())
