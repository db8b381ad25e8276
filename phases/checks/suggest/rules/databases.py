"""Rules for databases, brokers and searches that answer, and for what a catalogue says of roles, tables and policies.

How they are reached (a host, a tunnel, a container, where the password is kept) is nobody's guess: the command that
connects is asked for whole, once, and the query is its last word. No password stands on the line or in what is kept.
"""

from __future__ import annotations

from phases.checks.suggest.proposal import Entry, Name, Rule
from phases.checks.suggest.rules.entries import DATABASE, DATABASE_REACHED, SQL, command

_POSTGRES = r"(?i)postgres|psql|supabase|pgvector|prisma|neon\b|\bRDS\b|cloud sql"
_MYSQL = r"(?i)mysql|mariadb"
_NAME = r"[a-z_][a-z0-9_]*"
_NO_PART = r"(?!(?:user|role|name|schema|table|index|connection|backup|migration|instance|server|cluster)s?\b)"
_BE = r"(?: (?:is|are|has been|have been|was|were|confirmed|now))*"
_MADE = rf"{_BE} (?:exists?|created|present|there|set ?up|provisioned|added|initiali[sz]ed|in place)"
_WHERE = r"(?: (?:in|on) (?:the )?(?:new |target |production |staging |main )*(?:database|server|DB|cluster|instance))?"
_IS_PG = r"(?is)\A(?=.*(?:postgres|psql|supabase))(?!.*\bmysql).*"
_ON = rf"{_BE} (?:enabled|active|installed|on|available|loaded|in place|configured|created)"
_RLS = r"(?:row[- ]level security|RLS)(?: \(RLS\))?"
_REACHED = (
    r"(?: (?:is|are))?(?: (?:up|running|installed|deployed|provisioned) and)? (?:reachable|accessible|running|up"
    r"|healthy"
    r"|connected|responding|accepting connections|online|available)(?: (?:locally|from here))?"
)
_ENGINES = (
    r"MongoDB(?: Atlas)?|Mongo|MySQL|MariaDB|Kafka|RabbitMQ|Elasticsearch|OpenSearch|ClickHouse|Neo4j|Qdrant|Weaviate"
    r"|Memcached|NATS|Cassandra|InfluxDB|MinIO|Meilisearch|SQL Server|CockroachDB|Supabase|Firestore"
)


def _query(query: str, name: str = "") -> Entry:
    """A query that answers true (psql prints `t`, mysql `1`), through the connection that is asked for.

    `{}` in it becomes the value of the placeholder `name`, which the shell puts there.
    """
    words = query.replace("{}", "$2").replace("'", "'\\''")
    run = f"sh -c '$1 \"{words}\"' _ {{sql-command}}" + (f" {{{name}}}" if name else "")
    return {"command": {"run": run, "changes": True}, "expect": {"one-of": ["t", "1"]}}


def _of_each(query: str) -> Entry:
    """The same of each table whose name is asked for."""
    return command(
        'sh -c \'test -n "$2" && for each in $2; do case "$($1 "' + query + '")" in t|1) ;; *) exit 1 ;; esac; done\''
        " _ {sql-command} {table-names}",
        changes=True,
    )


_TABLES = {**SQL, "table-names": Name("Which tables, with spaces between them?")}
_POLICIES = (
    "select (select relrowsecurity from pg_class where oid = to_regclass('\\''$each'\\''))"
    " and exists (select 1 from pg_policy where polrelid = to_regclass('\\''$each'\\''))"
)
_EXTENSION = r"pgcrypto|postgis|pg_trgm|citext|hstore|uuid-ossp|timescaledb|pg_stat_statements|pg_cron|unaccent"

RULES = (
    Rule(
        "database of a name, PostgreSQL",
        rf"(?:(?:production|new|target|application|PostgreSQL|Postgres) )*database(?: name)?"
        rf"(?: (?P<database>{_NO_PART}{_NAME}))?{_MADE}",
        _query("select count(*) = 1 from pg_database where datname = '{}'", "database-name"),
        "there, not: what is in it",
        ("Database `shop` created", "PostgreSQL database `shop` exists", "Database name created: `shop`"),
        ("Database of knowledge created", "Database user created: `shop`", "Database designed", "Database created"),
        context="operations",
        names={
            **SQL,
            "database-name": Name("What is the database called?", group="database", code=True, pattern=_NAME),
        },
        document=_IS_PG,
        named=True,
    ),
    Rule(
        "database of a name, MySQL",
        rf"(?:(?:production|new|target|application|MySQL|MariaDB) )*database(?: name)?"
        rf"(?: (?P<database>{_NO_PART}{_NAME}))?{_MADE}",
        _query("select count(*) = 1 from information_schema.schemata where schema_name = '{}'", "database-name"),
        "there, not: what is in it",
        ("MySQL database `shop` created",),
        ("MySQL database designed", "Database created"),
        context="operations",
        names={
            **SQL,
            "database-name": Name("What is the database called?", group="database", code=True, pattern=_NAME),
        },
        around=_MYSQL,
        named=True,
    ),
    Rule(
        "role of a database",
        rf"(?:(?:PostgreSQL|Postgres|database|DB|application|read-only) )+(?:user|role)(?: (?P<role>{_NAME}))?{_MADE}",
        _query("select count(*) = 1 from pg_roles where rolname = '{}'", "database-role"),
        "there, not: what it may do",
        ("PostgreSQL user `shop_app` created", "PostgreSQL role `reader` exists", "Create PostgreSQL user"),
        ("User of the database happy", "User interface of the database created", "Role created"),
        context="operations",
        names={
            **SQL,
            "database-role": Name("Which role of the database is {}?", group="role", code=True, pattern=_NAME),
        },
        document=_IS_PG,
    ),
    Rule(
        "extension of a database",
        rf"(?:(?:PostgreSQL|Postgres|database|the|required) )*(?:extension )?(?P<extension>{_EXTENSION})"
        rf"(?: extension)?{_ON}{_WHERE}",
        _query("select count(*) = 1 from pg_extension where extname = lower('$extension')"),
        "installed in this database, not: in which version",
        ("`citext` extension confirmed active", "PostGIS enabled", "Extension `uuid-ossp` installed"),
        ("Vector drawn", "Extension of the house installed", "PostGIS evaluated"),
        context="operations",
        names=SQL,
        document=r"(?i)postgres|psql|supabase|pg_",
    ),
    Rule(
        "vectors in PostgreSQL",
        rf"(?:(?:PostgreSQL|Postgres) )?pgvector(?: extension)?{_ON}{_WHERE}"
        rf"|enable pgvector(?: on (?:the )?(?:target )?database)?"
        r"|(?:PostgreSQL|Postgres) with pgvector (?:deployed|installed)(?: and configured)?",
        _query("select count(*) = 1 from pg_extension where extname = 'vector'"),
        "installed in this database, not: in which version",
        ("pgvector extension enabled", "Enable pgvector on the target database"),
        ("pgvector evaluated", "pgvector indexes rebuilt"),
        context="operations",
        names=SQL,
    ),
    Rule(
        "row-level security of a table",
        rf"{_RLS}(?: is)? (?:enabled|active|on)(?: on| for)? (?:the )?(?:table )?(?P<relation>{_NAME})(?: table)?"
        rf"|table (?P<relation2>{_NAME}) has {_RLS} enabled",
        _query("select relrowsecurity from pg_class where oid = to_regclass('{}')", "sql-table"),
        "on, not: what its policies allow",
        ("RLS enabled on `orders`", "Row-level security enabled for table `orders`"),
        ("RLS enabled on time", "RLS considered", "RLS enabled on all tables"),
        context="operations",
        names={**SQL, "sql-table": Name("Which table of the database?", code=True, pattern=_NAME)},
        named=True,
    ),
    Rule(
        "row-level security of each table",
        rf"(?:enable )?{_RLS}(?: (?:is|has been))?(?: (?:enabled|active|on))? (?:on|for) (?:all|every"
        rf"|each) (?:\w+ )?tables?",
        _query("select count(*) > 0 and bool_and(rowsecurity) from pg_tables where schemaname = '{}'", "schema"),
        "on for each table of this schema, not: what its policies allow",
        ("RLS enabled on all tables", "Enable Row Level Security (RLS) on all tables"),
        ("RLS explained for all tables", "RLS enabled on some tables"),
        context="operations",
        names={**SQL, "schema": Name("In which schema are the tables? (public)")},
    ),
    Rule(
        "policies of rows",
        rf"{_RLS} policies:?{_BE} (?:active|enabled|configured|in place|applied|created|enforced"
        rf"|set ?up)(?: in (?:the )?"
        r"(?:database|production))?|(?:(?:configure|set up|enable|apply) )(?:the )?"
        rf"{_RLS} policies",
        _of_each(_POLICIES),
        "on and with a policy for each of these tables, not: what they allow",
        ("RLS policies: Active in database", "RLS policies configured"),
        ("RLS policies reviewed", "RLS policies written down"),
        context="operations",
        names=_TABLES,
    ),
    Rule(
        "tables of a name",
        rf"(?:all )?(?:the |required |core |necessary |database |new )*tables{_BE} (?:exist|created|present|there)"
        rf"(?: successfully)?{_WHERE}|(?:database )?tables{_MADE}",
        _of_each("select to_regclass('\\''$each'\\'') is not null"),
        "each is there, not: its columns and rows",
        ("All required tables exist", "Database tables created"),
        ("Tables set", "Tables of the restaurant created", "All 129 tables exist"),
        context="operations",
        names=_TABLES,
        document=_IS_PG,
        around=r"(?i)postgres|database|schema|migrat|supabase|prisma|\bSQL\b|\bDB\b",
        several=True,
    ),
    Rule(
        "number of tables",
        rf"(?:all )?(?P<number>\d+) (?:database )?tables{_BE} (?:exist|created|present|there){_WHERE}",
        _query(
            "select count(*) = $number from information_schema.tables"
            " where table_schema = '{}' and table_type = 'BASE TABLE'",
            "schema",
        ),
        "so many are in this schema, not: which",
        ("All 129 tables exist", "12 tables created in the database"),
        ("All 12 tables of the hall are taken", "All tables exist", "2 tables booked"),
        context="operations",
        names={**SQL, "schema": Name("In which schema are the tables? (public)")},
        around=r"(?i)postgres|database|schema|migrat|supabase|mysql|\bSQL\b|\bDB\b",
        document=r"(?is)\A(?!.*dynamodb).*",
    ),
    Rule(
        "column of a table",
        rf"(?:column (?P<column>{_NAME}) (?:exists|added|present) (?:in|on"
        rf"|to) (?:table )?(?P<relation>{_NAME})(?: table)?"
        rf"|(?:table )?(?P<relation2>{_NAME})(?: table)? has (?:an? |the )?(?P<column2>{_NAME}) column)",
        _query(
            "select count(*) > 0 from information_schema.columns"
            " where table_name in ('$relation', '$relation2') and column_name in ('$column', '$column2')"
        ),
        "there, not: of which type, and with what in it",
        ("Column `status` exists in `orders`", "`orders` table has `status` column"),
        ("The house has a Greek column", "Column `status` removed from `orders`"),
        context="operations",
        names=SQL,
        named=True,
    ),
    Rule(
        "rows of a table",
        rf"(?:table )?(?P<relation>{_NAME})(?: table)? (?:has|contains|holds) (?:at least )?(?P<rows>\d+)(?:\+"
        rf"| or more)? rows?",
        _query("select count(*) >= $rows from $relation"),
        "at least so many now, not: the right ones",
        ("`plans` table has 3 rows", "Table `plans` contains at least 3 rows"),
        ("The hall has 3 rows of seats", "`plans` has rows", "`plans` has exactly 3 rows and no more"),
        context="operations",
        names=SQL,
        named=True,
    ),
    Rule(
        "row counts that agree",
        r"(?:table )?(?:row|record) counts?(?: (?:match|matches|agree|are equal|verified|identical|validated"
        r"|consistent))+"
        r"(?: (?:between|in|on|across) (?:the )?(?:source|old|target|new|both|databases|and|database| )+)?|(?:verify"
        r"|compare"
        r"|check|validate) (?:the )?(?:table )?(?:row|record) counts?(?: (?:match|between|in|source|target|and|old"
        r"|new|the"
        r"|databases?))*",
        command("sh -c {row-counts-command}", changes=True),
        "as many there as here by that command, not: the same rows",
        ("Row counts match between source and target", "Verify row counts match"),
        ("Row counts written down", "Record counts discussed"),
        context="operations",
        names={"row-counts-command": Name("Which command ends with 0 only when the row counts agree?")},
        around=r"(?i)migrat|database|cut-?over|upgrade|restore|import|deploy",
    ),
    Rule(
        "standby that follows",
        rf"(?:(?:PostgreSQL|Postgres|database|streaming|read replica"
        rf"|physical) )*replication(?: status)?{_BE} (?:healthy|active"
        r"|working|running|streaming|established|up)|(?:all )?(?:read )?replicas?(?: (?:is|are))? (?:streaming"
        r"|in sync|caught up)",
        _query("select count(*) > 0 and bool_and(state = 'streaming') from pg_stat_replication"),
        "each that follows is streaming now, not: how far it is behind",
        ("Streaming replication active", "PostgreSQL replication is healthy"),
        ("Replication of the study active and well", "Replication planned", "Replication lag below 5 minutes"),
        context="operations",
        names=SQL,
        around=r"(?i)postgres|psql",
    ),
    Rule(
        "lag of a standby",
        r"(?:(?:PostgreSQL|Postgres|database|streaming) )*replication lag(?: (?:is|stays))? (?:<|<=|below|under"
        r"|less than) ?"
        r"(?P<seconds>\d+) ?(?:s|sec|seconds?)",
        _query(
            "select count(*) > 0 and coalesce(max(extract(epoch from replay_lag)), 0) < $seconds from"
            " pg_stat_replication"
        ),
        "less now, as the primary sees it, not: at other times",
        ("Replication lag < 5 seconds", "PostgreSQL replication lag is below 10s"),
        ("Replication lag watched", "Replication lag minimal", "Jet lag < 5 seconds"),
        context="operations",
        names=SQL,
        around=r"(?i)postgres|psql",
    ),
    Rule(
        "engine that answers",
        rf"(?:(?:test|check|verify|confirm) )?(?P<engine>{_ENGINES})(?:(?: (?:server|cluster|broker|brokers|instance"
        rf"|database"
        rf"|service|node))?{_REACHED}| (?:connection|connectivity)(?: (?:is|works?|working|ok|successful|established"
        rf"|verified))*)",
        command("sh -c {answers-command}", changes=True),
        "it answers from here, not: from where the application runs",
        ("MongoDB is running", "Kafka cluster reachable", "Supabase connection works"),
        ("MongoDB chosen", "Kafka read", "Elasticsearch indexes available", "RabbitMQ queues running"),
        context="operations",
        names={"answers-command": Name("Which command ends with 0 only when {} answers?", group="engine")},
    ),
    Rule(
        "connection of a database",
        r"(?:(?:application|app|backend|production|Prisma|the) )*(?:database|DB|PostgreSQL|Postgres) connection"
        r"(?: (?:is|has been))?(?: (?:verified|confirmed|established|tested|working|works|healthy|ok|successful|up))+"
        r"|(?:(?:verify|test|check|confirm) )?(?:production |Supabase |Neon |RDS )*(?:database|PostgreSQL"
        r"|Postgres) connection"
        r"(?: (?:with a test query|works|string works))?|(?:application|app|backend|API) (?:connects"
        r"|connected) to (?:the )?"
        r"(?:\w+ )?database",
        DATABASE_REACHED,
        "it can be reached from here, not: from where the application runs",
        ("Verify database connection with a test query", "Backend connects to the database"),
        (
            "Database connection pool sized",
            "Application connected to the database of ideas",
            "Database connections: 20",
        ),
        context="operations",
        names=DATABASE,
    ),
    Rule(
        "schema that is applied",
        r"(?:(?:database|DB|Prisma|Supabase|Drizzle|production|SQL|latest|the) )*(?:schema|migrations?)(?: (?:is|are"
        r"|has been"
        r"|have been|was|were|all))*(?: (?:successfully))? (?:applied|deployed|pushed|up to date|up-to-date|in sync"
        r"|migrated"
        r"|executed|run|ran)(?: (?:successfully|without errors))?(?: (?:to|in|on|against) (?:the )?(?:Supabase"
        r"|production"
        r"|database|production database|staging|prod|live|target|DB))?|(?:run|apply|deploy|execute) (?:the |all "
        r"|any |pending"
        r" |database |DB |Prisma |production |outstanding )*migrations(?: (?:on|in|to"
        r"|against) (?:the )?(?:production|staging"
        r"|prod|live|production database|database))?|(?:database|DB) (?:is )?(?:initiali[sz]ed|migrated)"
        r"|no (?:pending|outstanding|unapplied) (?:database |DB )?migrations(?: (?:remain|left))?",
        command("sh -c {migration-status-command}", changes=True),
        "none is pending as its tool sees it, not: that the data is right",
        (
            "Database schema is applied in Supabase",
            "Schema pushed to production",
            "No pending migrations",
            "Database migrated",
        ),
        ("Schema of the day applied", "Schema drawn", "Run the migration of birds", "Migrations reviewed"),
        context="operations",
        names={"migration-status-command": Name("Which command ends with 0 only when no migration is pending?")},
        around=r"(?i)database|\bDB\b|prisma|sql|supabase|postgres|schema|deploy|release|backend|django|rails|laravel"
        r"|alembic",
    ),
    Rule(
        "first administrator",
        r"(?:(?:initial|first|default|seeded|production|the) )*(?:admin(?:istrator)?|superuser"
        r"|super admin)(?: (?:user|account))?"
        r"(?: (?:is|has been|was))? (?:created|exists?|seeded|set ?up|present)(?: (?:in|on) (?:the )?(?:production"
        r"|database"
        r"|production database))?|create (?:the |an )?(?:initial |first |default |production )*(?:admin(?:istrator)?"
        r"|superuser)"
        r"(?: (?:user|account))?",
        command("sh -c {admin-account-command}", changes=True),
        "the account is there, not: that somebody can log in with it",
        ("Initial admin user created", "Superuser exists", "Create initial admin user"),
        ("Admin user guide created", "Admin of the day named", "Administration created"),
        context="operations",
        names={
            "admin-account-command": Name("Which command ends with 0 only when the administrator's account exists?")
        },
    ),
)
