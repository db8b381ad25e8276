"""Which unknown field of a contract would change the table? Properties of a DynamoDB table, however they are spelt.

A contract has no place for them, so what such a field asks for would be lost: it is refused by name.

Rules:
- A field is known by its words (`words`): camelCase, PascalCase, snake_case, kebab-case, plurals and letters that run
  together are one. It is one of DynamoDB's where its words hold those of a property below, in their order.
- A field about a setting is not the setting: one that begins or ends with a word of `_REMARKS` stays a note.
- An empty value (null, "", [], {}) asks for nothing, and stays a note.

Source: the resource schemas of AWS::DynamoDB::Table and AWS::DynamoDB::GlobalTable (CloudFormation's, as cfn-lint has
them) and CreateTable (botocore's model). tests/phases/contract/test_contract_settings.py walks all three, so a property
that is new there is a red test here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from phases.documents.json_document import shown

DEPLOYMENT = "a contract has none; take the field out: it is decided for the deployment, see docs/contract.md"
MADE = "a contract has none, every table gets {}; take the field out"
STREAM, ON_DEMAND = MADE.format("a stream of its own"), MADE.format("billing on demand")
PITR, KEPT = MADE.format("point-in-time recovery"), MADE.format("deletion protection and the policy Retain")
KEYS = "write the keys as `pk` and `sk`, each one name, or in an index a list of up to four"
GSIS = "write the indexes as `gsis`"
ATTRIBUTES = "write them as `attributes`, with `name` and `type`"
PROJECTION = "write it as `projection` and `projected_attributes` of an index"
LSI = (
    "a contract has no local secondary indexes, and one can never be added to a table that exists: make it a global "
    "one in `gsis`, or deploy this table by other means"
)
VECTOR = "a contract has no vector indexes; take it out, and add one to the deployed table by other means"

# (property, what to do about it, its words in each way that people put it). A field is one when it holds them in this
# order; with "=" in front they must be the whole name, but for a word of `_SUFFIXES`, as they mean other things, too.
SETTINGS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("LocalSecondaryIndexes", LSI, ("local secondary index", "local index", "lsi")),
    ("VectorIndexes", VECTOR, ("vector index", "vector attribute", "search schema", "distance function")),
    ("GlobalSecondaryIndexes", GSIS, ("global secondary index", "global index", "secondary index", "gsi", "=index")),
    ("KeySchema", KEYS, ("key schema", "key type", "hash key", "range key")),
    ("KeySchema", KEYS, ("=partition key", "=sort key", "=primary key")),
    ("AttributeDefinitions", ATTRIBUTES, ("attribute definition", "=attribute name", "=attribute type")),
    ("TableName", "write the name as `table`", ("=table name", "=table id")),
    ("Projection", PROJECTION, ("projection type", "non key attribute", "=included attribute", "=projection")),
    ("TimeToLiveSpecification", DEPLOYMENT, ("time to live", "ttl", "expire after", "=expiry", "=expiration")),
    ("KinesisStreamSpecification", DEPLOYMENT, ("kinesis", "approximate creation date time precision")),
    ("StreamSpecification", STREAM, ("stream", "change data capture", "cdc")),
    ("OnDemandThroughput", DEPLOYMENT, ("max read request unit", "max write request unit", "request unit")),
    ("OnDemandThroughput", DEPLOYMENT, ("on demand throughput", "on demand max", "on demand maximum")),
    ("BillingMode", ON_DEMAND, ("billing", "pay per request", "on demand", "capacity mode")),
    ("WarmThroughput", DEPLOYMENT, ("warm throughput", "read unit", "write unit")),
    (
        "ProvisionedThroughput",
        ON_DEMAND,
        ("throughput", "provisioned", "read capacity", "write capacity", "rcu", "wcu"),
    ),
    (
        "ProvisionedThroughput",
        ON_DEMAND,
        ("capacity unit", "=capacity", "max capacity", "min capacity", "seed capacity"),
    ),
    ("ProvisionedThroughput", ON_DEMAND, ("auto scaling", "autoscaling", "target tracking", "scale in", "scale out")),
    ("SSESpecification", MADE.format("encryption with KMS"), ("sse", "server side encryption", "kms", "cmk")),
    ("SSESpecification", MADE.format("encryption with KMS"), ("=encryption", "=encrypted", "encryption key")),
    ("PointInTimeRecoverySpecification", PITR, ("point in time", "pitr", "recovery period", "continuous backup")),
    ("PointInTimeRecoverySpecification", PITR, ("=recovery", "=backup")),
    ("DeletionProtectionEnabled", KEPT, ("deletion protection", "delete protection", "disassociation protection")),
    ("DeletionPolicy", KEPT, ("deletion policy", "removal policy", "update replace policy")),
    ("TableClass", DEPLOYMENT, ("table class", "storage class", "=table type")),
    ("Tags", DEPLOYMENT, ("=tag", "resource tag", "table tag", "stream tag")),
    ("ContributorInsightsSpecification", DEPLOYMENT, ("contributor insight", "=insight")),
    ("ResourcePolicy", DEPLOYMENT, ("resource policy", "resource based policy", "policy document", "=policy")),
    ("Replicas", DEPLOYMENT, ("replica", "replication", "global table", "multi region", "witness", "=region")),
    ("ImportSourceSpecification", DEPLOYMENT, ("import source", "import table", "=import", "=bucket", "s3 bucket")),
    ("ImportSourceSpecification", DEPLOYMENT, ("s3 key prefix", "input format", "input compression type")),
)
# every property, nested ones too, but for those that say nothing without the one they are in (Enabled, Mode, Key, ...)
PROPERTIES = """ApproximateCreationDateTimePrecision AttributeDefinitions AttributeName AttributeType BillingMode
ContributorInsightsSpecification DeletionProtectionEnabled DisableScaleIn DisassociationProtectionEnabled
DistanceFunction GlobalSecondaryIndexes GlobalTableSettingsReplicationMode GlobalTableSourceArn GlobalTableWitnesses
HashKeyElement ImportSourceSpecification InputCompressionType InputFormat InputFormatOptions KMSMasterKeyId
KeySchema KeyType KinesisStreamSpecification LocalSecondaryIndexes MaxCapacity MaxReadRequestUnits
MaxWriteRequestUnits MinCapacity MultiRegionConsistency NonKeyAttributes OnDemandThroughput
PointInTimeRecoveryEnabled PointInTimeRecoverySpecification PolicyDocument Projection ProjectionType
ProvisionedThroughput ReadCapacityAutoScalingSettings ReadCapacityUnits ReadOnDemandThroughputSettings
ReadProvisionedThroughputSettings ReadUnitsPerSecond RecoveryPeriodInDays ReplicaStreamSpecification Replicas
ResourcePolicy S3Bucket S3BucketOwner S3BucketSource S3KeyPrefix SSEEnabled SSESpecification SSEType ScaleInCooldown
ScaleOutCooldown SearchSchema SearchSchemaElementType SeedCapacity StreamArn StreamEnabled StreamSpecification
StreamViewType TableClass TableId TableName TableType Tags TargetTrackingScalingPolicyConfiguration
TimeToLiveSpecification VectorAttribute VectorIndexes WarmThroughput WriteCapacityAutoScalingSettings
WriteCapacityUnits WriteOnDemandThroughputSettings WriteProvisionedThroughputSettings WriteUnitsPerSecond"""
# those that may stand at an attribute; what else a mapping of columns says there is no table's
_OF_ATTRIBUTES = {
    "LocalSecondaryIndexes",
    "VectorIndexes",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "TimeToLiveSpecification",
}
_REMARKS = """about analysis author comment consideration description doc docs documentation estimate estimated example
expected explanation justification note owner question rationale reason recommendation remark summary text title todo
usage why"""
_TABLE_KEYS = frozenset({"pk", "sk"})  # a `foreign_key` of a table is another thing
_INDEX_KEYS = _TABLE_KEYS | {"key", "hash", "range"}
_NOT_KEYS = frozenset({"template", "pattern", "format", "value", "sample", "prefix"})  # about a key's values
_LONG = 14  # letters from which a name is long enough to be misspelt and still be known
_WORD = re.compile(r"[Ss]3|[A-Z]{2,}s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case and in the singular: `LSIs` is ("lsi",), `tableTags` ("table", "tag")."""
    return tuple(_singular(word.lower()) for word in _WORD.findall(name))


def lost_setting(name: str, value: object, *, of_attribute: bool = False) -> str | None:
    """Why this unknown field is refused, with what to do about it; None where nothing of a table would be lost."""
    if value is None or value in ("", [], {}):
        return None
    found = words(name)
    together = "".join(found)
    if together not in _EXACTLY and ({*found[:1], *found[-1:]} & _REMARKS_SINGULAR):
        return None
    meant = _by_words(found) or _run_together(together)
    if meant is None or (of_attribute and meant[0] not in _OF_ATTRIBUTES):
        return None
    return f"unknown field; it reads as {meant[0]}: {meant[1]}"


def _by_words(found: tuple[str, ...]) -> tuple[str, str] | None:
    for setting, advice, spelt, whole in _SPELT:
        rest = found[len(spelt) :]
        if whole:
            holds = found[: len(spelt)] == spelt and set(rest) <= _SUFFIXES
        else:
            holds = any(found[at : at + len(spelt)] == spelt for at in range(len(found)))
        if holds:
            return setting, advice
    return None


def _run_together(name: str) -> tuple[str, str] | None:
    """As `_by_words`, for a name whose words have run together; a long one may be a little misspelt."""
    if name in _TOGETHER or len(name) < _LONG:
        return _TOGETHER.get(name)
    near = get_close_matches(name, _TOGETHER, n=1, cutoff=0.9)
    return _TOGETHER[near[0]] if near else None


def another_key(field: str, value: object, *, of_index: bool) -> str | None:
    """Why a field that holds one key more (`pk2`, `sks`, `second_pk`; `keys` of an index) is refused, else None."""
    found = words(field)
    if value in (None, "", [], {}) or not {*found} & (_INDEX_KEYS if of_index else _TABLE_KEYS):
        return None
    if {*found} & _NOT_KEYS or {found[0], found[-1]} & _REMARKS_SINGULAR:
        return None
    return f"unknown field; it reads as a key: {KEYS}"


def local_index(field: str, value: object) -> str | None:
    """Why an index that says it is a local one is refused; None for another field or value."""
    kind = words(field)
    if kind and kind[-1] in ("type", "kind", "scope") and isinstance(value, str) and {"lsi", "local"} & {*words(value)}:
        return f"seen {shown(value)}: {LSI}"
    if kind == ("local",) and value:
        return f"seen {shown(value)}: {LSI}"
    return None


def _singular(word: str) -> str:
    if word in ("indices", "indexes"):
        return "index"
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word.removesuffix("s") if len(word) > 2 else word


def _spelt() -> Iterator[tuple[str, str, tuple[str, ...], bool]]:
    for setting, advice, spellings in SETTINGS:
        for spelling in spellings:
            parts = tuple(_singular(word) for word in spelling.removeprefix("=").split())
            yield setting, advice, parts, spelling.startswith("=")


def _together() -> Iterator[tuple[str, tuple[str, str]]]:
    """Each name as one word, as `words` reads what is written as one."""
    for name in PROPERTIES.split():
        if meant := _by_words(words(name)):
            yield _singular(name.lower()), meant
            yield "".join(words(name)), meant
    for setting, advice, spelt, _whole in _SPELT:
        for suffix in ("", *_SUFFIXES):
            yield "".join(spelt) + suffix, (setting, advice)


_REMARKS_SINGULAR = frozenset(words(_REMARKS))
# behind a property's name they mean the same one
_SUFFIXES = frozenset(words("attribute config configuration enabled list mode name setting specification type unit"))
_SPELT = tuple(_spelt())
_TOGETHER = dict(_together())
_EXACTLY = frozenset("".join(words(name)) for name in PROPERTIES.split())
