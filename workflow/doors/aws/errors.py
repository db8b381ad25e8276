"""Which of our errors is a failed AWS call?

The one place where botocore's exceptions and AWS's error codes are named; `translate` turns either into an
`AwsError` of `phases/aws.py`, most specific first.

Rules:
- Exceptions are matched by class name along their MRO, so botocore is not imported here.
- A message says which action failed, what AWS said, and whose move is next; the command to type is `next_command`.
- Secrets never reach a message: access keys, signatures and tokens are replaced by `[hidden]`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from phases.aws import AwsError, Denied, ExpiredToken, NoCredentials, NoRegion, NotFound, Throttled, Unreachable
from state.cheap_classes import dataclass
from state.errors import PhasegateError, StepFailed

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

RESUME = "phasegate resume"
SIGN_IN = f"aws sso login   # or `aws login`, `aws configure`: sign in again\n      {RESUME}"

# Source: botocore 1.44 exceptions.py. Looked up along the exception's MRO: the most specific class wins.
_BY_EXCEPTION: dict[str, tuple[type[AwsError], str, str]] = {
    "NoCredentialsError": (NoCredentials, "no credentials were found", SIGN_IN),
    "PartialCredentialsError": (NoCredentials, "only a part of the credentials was found", SIGN_IN),
    "CredentialRetrievalError": (NoCredentials, "the credentials could not be fetched", SIGN_IN),
    "MetadataRetrievalError": (NoCredentials, "the credentials could not be fetched", SIGN_IN),
    "NoAuthTokenError": (NoCredentials, "no sign-in token was found", SIGN_IN),
    "InvalidConfigError": (NoCredentials, "the AWS configuration does not give credentials", SIGN_IN),
    "ConfigParseError": (NoCredentials, "the AWS configuration file cannot be read", SIGN_IN),
    "ProfileNotFound": (NoCredentials, "the AWS profile does not exist", "aws configure list-profiles"),
    "LoginInsufficientPermissions": (NoCredentials, "the sign-in may not get credentials", SIGN_IN),
    "LoginError": (ExpiredToken, "the sign-in session has expired", SIGN_IN),
    "SSOError": (ExpiredToken, "the single sign-on session is missing or has expired", SIGN_IN),
    "TokenRetrievalError": (ExpiredToken, "the sign-in token could not be renewed", SIGN_IN),
    "RefreshWithMFAUnsupportedError": (ExpiredToken, "the session needs a new MFA code", SIGN_IN),
    "NoRegionError": (NoRegion, "no region is configured", "export AWS_REGION=us-east-1"),
    "InvalidRegionError": (NoRegion, "the region's name is not a region", "export AWS_REGION=us-east-1"),
    "ServiceNotInRegionError": (NoRegion, "the service is not in this region", "export AWS_REGION=us-east-1"),
    "ConnectionError": (Unreachable, "the endpoint could not be reached", RESUME),
    "HTTPClientError": (Unreachable, "the endpoint did not answer", RESUME),
}

_REJECTED_CREDENTIALS = "AWS does not accept these credentials (unknown key, wrong secret, or a region not enabled)"
_BY_CODE: dict[str, tuple[type[AwsError], str, str]] = {
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"),
        (ExpiredToken, "the session's token has expired", SIGN_IN),
    ),
    **dict.fromkeys(
        (
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "UnrecognizedClient",
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidToken",
            "AuthFailure",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
        ),
        (NoCredentials, _REJECTED_CREDENTIALS, SIGN_IN),
    ),
    # Source: botocore 1.44 retries/standard.py, ThrottledRetryableChecker; without LimitExceededException,
    # which DynamoDB and CloudFormation answer for quotas that waiting does not lift.
    **dict.fromkeys(
        (
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestThrottledException",
            "RequestThrottled",
            "TooManyRequestsException",
            "ProvisionedThroughputExceededException",
            "TransactionInProgressException",
            "RequestLimitExceeded",
            "BandwidthLimitExceeded",
            "SlowDown",
            "PriorRequestNotComplete",
            "EC2ThrottledException",
        ),
        (Throttled, "AWS asked us to slow down more often than the retries allow", RESUME),
    ),
    **dict.fromkeys(
        ("404", "NotFound", "NotFoundException", "ResourceNotFound", "ResourceNotFoundException"),
        (NotFound, "it does not exist", ""),
    ),
    **dict.fromkeys(
        (
            "InvalidRegion",
            "OptInRequired",
            "AuthorizationHeaderMalformed",
            "PermanentRedirect",
            "IllegalLocationConstraintException",
        ),
        (
            AwsError,
            "this is the wrong region for it",
            f"export AWS_REGION=us-east-1 && {RESUME}   # the region that it is in",
        ),
    ),
    "RequestTimeTooSkewed": (AwsError, "this machine's clock is wrong", f"date -u   # set the clock\n      {RESUME}"),
}

_DENIED = re.compile(
    r"^(403|Forbidden|AccessDenied\w*|UnauthorizedOperation|Unauthorized(?:Access|Exception)|NotAuthorized\w*)$"
)
_NOT_FOUND = re.compile(
    r"^NoSuch\w+$|NotFound(Exception|Fault|Error)?$|NonExistent\w+$|DoesNotExist(Exception|Fault)?$"
)
# CloudFormation has no code of its own for it. Source: DescribeStacks, "Errors", AWS CloudFormation API reference.
_NO_STACK = re.compile(r"^Stack\b.*\bdoes not exist", re.DOTALL)

_CALLER = re.compile(r"\barn:[\w-]+:(?:iam|sts)::\d{12}:[\w+=,.@/-]+")
_ACTION = re.compile(r"not authorized to perform: ?([\w-]+:\w+)")
_HIDDEN = (
    (re.compile(r"\b(?:AKIA|ASIA|AIDA|AROA)[A-Z0-9]{12,}\b"), "[hidden]"),
    (
        re.compile(
            r"(?i)(x-amz-security-token|x-amz-signature|x-amz-credential|\bsignature|\bcredential|session_?token"
            r"|secret_?(?:access_?)?key|password)([\"']?\s*[=:]\s*[\"']?)[^\s\"',&]+"
        ),
        r"\1\2[hidden]",
    ),
    (re.compile(r"(https?://)[^/\s@]+@"), r"\1[hidden]@"),
    (re.compile(r"[A-Za-z0-9+/=_-]{100,}"), "[hidden]"),
)


@dataclass(frozen=True, slots=True)
class CallSite:
    """Which call failed.

    Attributes:
        service, operation: as in boto3: `dynamodb`, `describe_table`.
        api_name: the operation as IAM and the documentation write it: `DescribeTable`.
            "" while the session or the client is made.
        region: where it went, or "".
        sandbox: it went to the sandbox.
    """

    service: str
    operation: str
    api_name: str
    region: str
    sandbox: bool

    @property
    def action(self) -> str:
        if self.api_name:
            return f"{self.service}:{self.api_name}"
        return f"making the client for {self.service}" if self.service else "reading the AWS configuration"


def translate(error: Exception, site: CallSite) -> PhasegateError | None:
    """The error of ours for a botocore exception, or None when it is not botocore's (let that one through)."""
    names = [cls.__name__ for cls in type(error).__mro__]
    if "ClientError" in names:
        return _answered(error, site)
    if "ResponseParserError" in names:
        return _build(AwsError, f"{site.action} failed: the answer could not be read", site, "", "", RESUME)
    if "BotoCoreError" not in names:
        return None
    said = hide_secrets(str(error))
    if "ParamValidationError" in names:
        return StepFailed(f"{site.action} was not sent, its parameters are wrong (a fault of phasegate): {said}")
    for name in names:
        if name in _BY_EXCEPTION:
            kind, what, next_command = _BY_EXCEPTION[name]
            if kind is Unreachable:
                what = f"{what}: {_unreachable(error, site)}"
                next_command = "phasegate sandbox start" if site.sandbox else next_command
            return _build(kind, f"{site.action} failed: {what}", site, "", said, next_command)
    return _build(AwsError, f"{site.action} failed", site, "", said, RESUME)


def hide_secrets(text: str) -> str:
    """The text with access keys, signatures, tokens and URL passwords replaced by `[hidden]`."""
    for pattern, replacement in _HIDDEN:
        text = pattern.sub(replacement, text)
    return text


def _answered(error: ClientError, site: CallSite) -> AwsError:
    """AWS answered, with an error: by its code, then by the family of its code, then by its words."""
    answer = error.response.get("Error", {})
    code, reason = str(answer.get("Code", "")), hide_secrets(str(answer.get("Message", "")))
    reason = reason.split("\n", 1)[0]  # SignatureDoesNotMatch repeats the signed request, a broken server its page
    if code in _BY_CODE:
        kind, what, next_command = _BY_CODE[code]
        return _build(kind, f"{site.action} failed: {what}", site, code, reason, next_command)
    if _DENIED.match(code):
        return _denied(site, code, reason)
    no_stack = code == "ValidationError" and _NO_STACK.match(reason)
    if no_stack or _NOT_FOUND.search(code):
        return _build(NotFound, f"{site.action} failed: it does not exist", site, code, reason, "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return _build(AwsError, f"{site.action} failed", site, code, reason, RESUME if status >= 500 else "")


def _denied(site: CallSite, code: str, reason: str) -> AwsError:
    """AWS's message names the action as IAM writes it, and the caller; the call site is the fallback for the action."""
    action, caller = _ACTION.search(reason), _CALLER.search(reason)
    name, who = (action[1] if action else site.action), (caller[0] if caller else "the caller")
    message = f"{site.action} was denied: {who} may not perform {name}"
    return _build(Denied, message, site, code, reason, f"{RESUME}   # once {name} is allowed")


def _unreachable(error: Exception, site: CallSite) -> str:
    """The endpoint's host, and what to make of it: a lost reply leaves open whether the call took effect."""
    url = str(getattr(error, "kwargs", {}).get("endpoint_url") or "")
    host = urlsplit(url).hostname or "host unknown"
    guess = "is the sandbox running?" if site.sandbox else f"is region {site.region or 'none'!r} right?"
    lost_reply = type(error).__name__ in ("ReadTimeoutError", "ConnectionClosedError", "ResponseStreamingError")
    return f"{host} ({'whether AWS did it is not known' if lost_reply else guess})"


def _build(kind: type[AwsError], message: str, site: CallSite, code: str, reason: str, next_command: str) -> AwsError:
    said = f"; AWS says: {f'{code}: ' if code else ''}{reason}" if code else f"; {reason}" if reason else ""
    where = f" [{site.region}]" if site.region else ""
    return kind(
        f"{message}{where}{said}",
        service=site.service,
        operation=site.operation,
        code=code,
        reason=reason,
        next_command=next_command,
    )
