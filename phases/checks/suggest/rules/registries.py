"""Rules for what is published: each registry of packages is asked for the version that is released."""

from __future__ import annotations

from phases.checks.suggest.proposal import VERSION, Entry, Name, Rule
from phases.checks.suggest.rules.any_order import in_any_order
from phases.checks.suggest.rules.entries import THERE, command
from phases.checks.suggest.rules.tags import BLANK
from state.json_values import Json

_PACKAGE = {
    "package": Name("What is the package called?", code=True, pattern=r"(?:@[\w-]+/)?[A-Za-z][\w.-]*"),
    "version": Name("Which version is released?", code=True, pattern=VERSION),
}
_OUT = (
    r"publish(?:ed|es)?|releas(?:e|ed|es)|uploaded|upload|available|visible|live|appears?|pushed|push|registered"
    r"|register"
    r"|exists|shows|there|listed"
)
_WHAT = (
    rf"package|library|module|SDK|client|version|release|registry|page|{BLANK}|it|number|correct|updated|official|up"
    r"|repository|index"
)
IMAGE_REFERENCE = {"image-reference": Name("Which image, with its registry and tag?")}


def got(address: str) -> Entry:
    """An address that answers without an error."""
    return command(f"curl -fsSL -A checks -o /dev/null {address}")


def _published(
    kind: str,
    called: str,
    check: Entry,
    words: tuple[tuple[str, ...], tuple[str, ...]],
    names: dict[str, Name] | None = None,
    also: str = "",
) -> Rule:
    """A rule for a registry; `called`: how items name it; `words`: examples and counter-examples."""
    return Rule(
        f"version on {kind}",
        in_any_order(called, _OUT, also="|".join(each for each in (_WHAT, also) if each)),
        check,
        THERE,
        words[0],
        words[1],
        context="operations",
        names=_PACKAGE if names is None else names,
    )


NPM = command("npm view {package}@{version} version", changes=True)
PYPI = got("https://pypi.org/pypi/{package}/{version}/json")
TEST_PYPI = got("https://test.pypi.org/pypi/{package}/{version}/json")
CRATES = got("https://crates.io/api/v1/crates/{package}/{version}")
GEMS = got("https://rubygems.org/api/v2/rubygems/{package}/versions/{version}.json")
_TOLD: Json = {"contains": "{version}"}

RULES = (
    _published(
        "npm",
        "npm|npmjs|npmjs.com",
        NPM,
        (
            ("Publish to npm", "Package appears on npm"),
            ("Publish to npm and GitHub Packages", "npm release notes published", "npm token registered"),
        ),
    ),
    _published(
        "PyPI",
        "PyPI",
        PYPI,
        (
            ("Publish to PyPI", "The release is now on PyPI and visible", "Upload package to PyPI"),
            ("Upload sdist and docs to PyPI", "PyPI not published"),
        ),
    ),
    _published(
        "Test PyPI",
        "Test ?PyPI",
        TEST_PYPI,
        (
            ("Publish to TestPyPI", "Package uploaded to Test PyPI"),
            ("Test PyPI token registered", "Test published package from PyPI"),
        ),
    ),
    _published(
        "crates.io",
        r"crates\.io",
        CRATES,
        (
            ("Publish to crates.io", "Crate is live on crates.io"),
            ("Publish crates to crates.io", "crates.io owners listed"),
        ),
        also="crate",
    ),
    _published(
        "RubyGems",
        r"RubyGems(?:\.org)?",
        GEMS,
        (("Gem pushed to RubyGems", "Publish to RubyGems.org"), ("RubyGems key registered", "Gems published")),
        also="gem",
    ),
    _published(
        "NuGet",
        r"NuGet(?:\.org)?",
        got("https://api.nuget.org/v3-flatcontainer/{nuget-package}/{version}/{nuget-package}.nuspec"),
        (("Package published to NuGet", "Publish to NuGet.org"), ("NuGet packages published", "NuGet key listed")),
        {
            "nuget-package": Name("What is the package called on NuGet, in small letters?"),
            "version": _PACKAGE["version"],
        },
    ),
    _published(
        "Maven Central",
        r"Maven Central|Sonatype(?: Central)?|Central",
        got("https://repo1.maven.org/maven2/{maven-path}/{version}/"),
        (
            ("Published to Maven Central", "Release is available on Maven Central"),
            ("Central office published", "Maven Central staging closed"),
        ),
        {
            "maven-path": Name("Which path has it in Maven Central (org/acme/shop)?"),
            "version": _PACKAGE["version"],
        },
        also="artifact",
    ),
    _published(
        "conda-forge",
        "conda-forge",
        got("https://api.anaconda.org/release/conda-forge/{package}/{version}"),
        (
            ("Package available on conda-forge", "New version published to conda-forge"),
            ("conda-forge feedstock updated", "conda-forge maintainers listed"),
        ),
    ),
    _published(
        "CRAN",
        "CRAN",
        got("https://crandb.r-pkg.org/{package}/{version}"),
        (("Package is on CRAN and visible", "Published on CRAN"), ("Submitted to CRAN", "CRAN comments listed")),
    ),
    _published(
        "pub.dev",
        r"pub\.dev",
        got("https://pub.dev/api/packages/{package}/versions/{version}"),
        (("Published to pub.dev", "Package live on pub.dev"), ("pub.dev score shows 130", "Pub published")),
    ),
    _published(
        "Hex",
        r"Hex|hex\.pm",
        got("https://hex.pm/api/packages/{package}/releases/{version}"),
        (("Published to hex.pm", "Package is live on Hex"), ("Hex values listed", "hex docs published on hexdocs")),
    ),
    _published(
        "CocoaPods",
        "CocoaPods",
        {
            **command("curl -fsSL https://trunk.cocoapods.org/api/v1/pods/{package}"),
            "expression": "versions[].name",
            "expect": _TOLD,
        },
        (
            ("Publish the new release on Cocoapods trunk", "Published to CocoaPods"),
            ("CocoaPods installed", "Publish pods on CocoaPods and SPM"),
        ),
        also="trunk|pod",
    ),
    _published(
        "Homebrew",
        r"Homebrew(?: (?:formula|cask|tap))?|brew formula",
        {**command("curl -fsSL {formula-address}"), "expect": _TOLD},
        (
            ("Homebrew formula is updated and available", "Homebrew formula published"),
            ("Homebrew release PR pushed", "Homebrew installed"),
        ),
        {
            "formula-address": Name("At which address is the text of the formula or cask?"),
            "version": _PACKAGE["version"],
        },
        also="formula|cask|tap",
    ),
    Rule(
        "image of a release",
        in_any_order(
            r"images?(?<!images)",
            r"push(?:ed)?|publish(?:ed)?|available|visible|exists|uploaded",
            r"Docker ?Hub|GHCR|ghcr\.io|quay(?:\.io)?|registry|GitHub Container Registry",
            also=rf"Docker|container|release|version|tag|{BLANK}|production|build|built",
        ),
        command("docker manifest inspect {image-reference}", changes=True),
        "there under this tag, not: built from which commit",
        (
            "Publish Docker image to Docker Hub",
            "Container image available on quay.io",
            "Docker image published to GHCR",
        ),
        ("Push multi arch image to quay", "Docker image in registry signed", "Push images to quay"),
        context="operations",
        names=IMAGE_REFERENCE,
    ),
    Rule(
        "package whose page is named, on npm",
        r"(?:the )?(?:new )?(?:package|version|release)(?: (?:appears|is (?:live|visible|available)|shows up"
        r"|published))?"
        r" (?:on|at|to) npm(?:js)?(?: at|:)? https?://(?:www\.)?npmjs\.com/package/(?P<package>(?:@[\w-]+/)?[\w.-]+)/?",
        command("npm view $package@{version} version", changes=True),
        THERE,
        ("Verify the package appears on npm at https://www.npmjs.com/package/@acme/shop",),
        ("Package page read at https://www.npmjs.com/package/@acme/shop", "Package on npm at https://acme.org/shop"),
        context="operations",
        names={"version": _PACKAGE["version"]},
    ),
    Rule(
        "package whose page is named, on PyPI",
        r"(?:the )?(?:new )?(?:package|version|release)(?: (?:appears|is (?:live|visible|available)|shows up"
        r"|published))?"
        r" (?:on|at|to) PyPI(?: at|:)? https?://pypi\.org/project/(?P<package>[\w.-]+)/?",
        got("https://pypi.org/pypi/$package/{version}/json"),
        THERE,
        ("Verify the package appears on PyPI: https://pypi.org/project/shop/",),
        ("Package page read at https://pypi.org/project/shop/", "Package on PyPI at https://acme.org/shop"),
        context="operations",
        names={"version": _PACKAGE["version"]},
    ),
)
