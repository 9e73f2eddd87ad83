//! How can a rule match? By a plain literal of some kind, or by evidence that a verifier finds.
//!
//! A leaf: `build.rs` includes it to check the rules and to build the gate.

/// How a literal has to stand in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anywhere.
    Literal,
    /// Anywhere, but not inside a longer word.
    Word,
    /// At the end.
    Suffix,
    /// At the start.
    Prefix,
    /// It is the whole value.
    Whole,
    /// It is one or more whole segments of a path.
    Segment,
    /// The value is nothing but a file's name, and ends in these segments.
    File,
    /// The value is nothing but a file's name, and starts so.
    Under,
    /// As a word of a user agent, outside comments that tell of a platform: there it is the name of a device.
    Product,
    /// A function's name with its parenthesis, called with a text and not in a sentence that speaks of it.
    Call,
}

impl Kind {
    /// All kinds.
    pub const ALL: &'static [Self] = &[
        Self::Literal,
        Self::Word,
        Self::Suffix,
        Self::Prefix,
        Self::Whole,
        Self::Segment,
        Self::File,
        Self::Under,
        Self::Product,
        Self::Call,
    ];

    /// The key in a rule's table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Literal => "literal",
            Self::Word => "word",
            Self::Suffix => "suffix",
            Self::Prefix => "prefix",
            Self::Whole => "whole",
            Self::Segment => "segment",
            Self::File => "file",
            Self::Under => "under",
            Self::Product => "product",
            Self::Call => "call",
        }
    }
}

macro_rules! evidence {
    ($($verifier:ident { $($variant:ident $name:literal $reason:literal,)* })*) => {
        /// What reads a language: one file in `verify/` each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Verifier { $(#[doc = concat!("`verify/", stringify!($verifier), "`")] $verifier,)* }

        impl Verifier {
            /// All verifiers.
            pub const ALL: &'static [Self] = &[$(Self::$verifier,)*];

            /// Can it find something in a value of nothing but letters, digits and what joins them in names?
            pub const fn reads_plain(self) -> bool {
                matches!(self, Self::Java | Self::Redirect | Self::Php | Self::Prototype | Self::Orm | Self::Object)
            }
        }

        /// What a verifier can find.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Evidence { $($(#[doc = $reason] $variant,)*)* }

        impl Evidence {
            /// All kinds of evidence, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            /// The name in a rule's `verify`.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name,)*)* }
            }

            /// What was seen, in words; never the value.
            pub const fn reason(self) -> &'static str {
                match self { $($(Self::$variant => $reason,)*)* }
            }

            /// Is it code that a text shows?
            pub(crate) const fn is_shown(self) -> bool {
                matches!(self, Self::ShellShown | Self::SqlPasted | Self::TemplateShown)
            }

            /// Who finds it.
            pub const fn verifier(self) -> Verifier {
                match self { $($(Self::$variant => Verifier::$verifier,)*)* }
            }
        }
    };
}

evidence! {
    Sql {
        SqlUnion "sql.union-select" "UNION SELECT with a select list",
        SqlTautology "sql.tautology" "a condition that is always true or false, joined by OR or AND",
        SqlCondition "sql.condition" "a condition after a closed quote",
        SqlStacked "sql.stacked" "a second statement after a semicolon",
        SqlTime "sql.time" "a function that waits or burns time",
        SqlCommented "sql.commented-quote" "a closed quote, and a comment that swallows the rest",
        SqlSubquery "sql.subquery" "a SELECT in parentheses inside an expression",
        SqlSchema "sql.schema" "a query on the database's own tables",
        SqlShell "sql.shell" "a statement that reads or writes files or runs programs",
        SqlFunction "sql.function" "functions of blind injection, nested as tools write them",
        SqlTail "sql.tail" "ORDER BY, GROUP BY, HAVING or LIMIT after a closed quote",
        SqlStatement "sql.statement" "a whole statement as a value",
        SqlPasted "sql.pasted" "a statement of its own in a text, as programmers paste it",
    }
    Fragment {
        SqlFragment "sql.fragment" "a piece of a statement: open at its end, or an operator that only SQL has",
    }
    Html {
        HtmlCall "html.call" "a call as script payloads have it",
        HtmlScript "html.script" "a script element with a source or code",
        HtmlScriptTag "html.script-tag" "a script tag",
        HtmlHandler "html.handler" "an event handler in a tag",
        HtmlUrl "html.script-url" "a link that runs script",
        HtmlEmbed "html.embed" "an element that loads or embeds foreign content",
        HtmlBreakout "html.attribute" "an event handler after a closed attribute",
        HtmlBreak "html.break" "a closed string, then a dialog or code that runs at once",
        HtmlCode "html.code" "script code after a closed string",
        HtmlUrlValue "html.url-value" "a javascript: or data: address as a value",
        HtmlStyle "html.style" "a style that runs script",
        HtmlMarkup "html.markup" "a tag with attributes where no markup belongs",
        HtmlMember "html.member" "an object of the page with a computed member",
    }
    Shell {
        ShellCommand "shell.command" "a command after a separator, with arguments of a shell",
        ShellAlone "shell.alone" "a command after a separator, without arguments",
        ShellSubstitution "shell.substitution" "a command substitution",
        ShellPipe "shell.download-and-run" "a download that is run at once",
        ShellObfuscated "shell.obfuscated" "a command hidden by quotes, variables or globs",
        ShellBatch "shell.batch" "a loop or condition of cmd.exe",
        ShellBare "shell.bare" "a command line as a value",
        ShellShown "shell.shown" "a command in a text that shows commands",
        ShellMail "shell.mail" "a command of SMTP, IMAP or POP3 behind a line break",
    }
    Argv {
        ArgvCode "argv.code" "an interpreter with code that loads, connects or looks around",
        ArgvCommand "argv.command" "a command in a member that is named for one",
        ArgvMount "argv.mount" "the root of the machine as a container's volume",
    }
    Path {
        PathClimb "path.climb" "several steps up the directories",
        PathLead "path.lead" "a value that starts with a step up the directories",
        PathSource "path.source" "the name of a configuration or a program where a file is asked for",
        PathStep "path.step" "one step up the directories",
        PathCoded "path.coded" "steps up the directories, hidden by encoding",
        PathDots "path.dots" "a row of dots or of empty steps, as tools try them",
        PathHidden "path.hidden" "a hidden file or directory at the root",
        PathProgram "path.program" "a program at the root of the site",
        PathSecret "path.secret" "a file of keys or passwords",
        PathCopy "path.copy" "a copy of the site, of its database or of one of its files",
        PathActuator "path.actuator" "an inner view of Spring Boot",
        PathConfused "path.confused" "a path that proxies and servers read differently",
        PathTarget "path.target" "steps up the directories to a known file",
    }
    Url {
        UrlMetadata "url.metadata" "the address of a cloud's metadata service",
        UrlOddAddress "url.odd-address" "an internal address in an unusual spelling",
        UrlLoopback "url.loopback" "an address of this machine",
        UrlScheme "url.scheme" "an address with a scheme that reaches files or raw sockets",
        UrlWrapper "url.wrapper" "a stream wrapper of PHP",
        UrlCredentials "url.credentials" "an address whose real host is hidden",
        UrlPrivate "url.private" "an address of an inner network",
        UrlHost "url.local-name" "a name of this machine as an address",
    }
    Jndi {
        JndiLookup "jndi.lookup" "a JNDI lookup",
        JndiNested "jndi.nested" "a lookup hidden by nested lookups",
        JndiLeak "jndi.leak" "a lookup of environment or system values",
    }
    Protocol {
        ProtocolNul "protocol.nul" "a NUL byte",
        ProtocolControl "protocol.control" "control characters where none belong",
        ProtocolCoded "protocol.coded" "an attack under several layers of encoding",
        ProtocolEscaped "protocol.escaped" "letters that are spelled as numbers",
        ProtocolOverlong "protocol.overlong" "an attack in overlong or look-alike characters",
    }
    Php {
        PhpTag "php.tag" "an open tag of PHP",
        PhpRequest "php.request" "a variable of the request",
        PhpCall "php.call" "a call of one of PHP's own functions",
        PhpWord "php.word" "a call of a function whose name is a word",
        PhpBreak "php.break" "a closed string, then a call that runs code or commands",
        PhpDynamic "php.dynamic" "a call of a function whose name is put together",
        PhpObject "php.object" "a serialised object",
        PhpSetting "php.setting" "a setting of PHP that only the server's owner may change",
    }
    Java {
        JavaClass "java.class" "the name of a class as a value",
        JavaObject "java.object" "a serialised object",
        CodedObject "java.coded" "a serialised object of Python or Ruby",
    }
    Object {
        ObjectMember "object.member" "a member that chooses the class or the function of its reader",
        ObjectElement "object.element" "an element that is named for a class, or calls a method",
        ObjectConnection "object.connection" "a connection string whose driver runs or loads something",
    }
    Script {
        ScriptEndless "script.endless" "a loop that never ends",
        PerlBlock "script.perl" "Perl code in a string",
        ScriptHosted "script.hosted" "a call of a product's own language that reaches the machine",
        ScriptDelay "script.delay" "a call that only waits",
    }
    Template {
        TemplateArithmetic "template.arithmetic" "a calculation between a template's signs",
        TemplateObject "template.object" "an expression that shows the template's own objects",
        TemplateShown "template.shown" "a statement that documents show",
        TemplateStatement "template.statement" "a statement of a template",
        TemplateCode "template.code" "an expression that climbs to the language's classes or runs code",
    }
    Redirect {
        RedirectOdd "redirect.odd" "an address that a filter takes for a path and a browser for another host",
        RedirectRelative "redirect.relative" "another host without a scheme",
    }
    Include {
        IncludeCut "include.cut" "an address of a web shell, or one that swallows what is appended",
        IncludeScript "include.script" "an address of a script where a file belongs",
        IncludeScheme "include.scheme" "an address that reaches files",
    }
    Xml {
        XmlEntity "xml.entity" "an entity that loads a file or an address",
        XmlBomb "xml.bomb" "entities that multiply each other",
        XmlDtd "xml.dtd" "a DOCTYPE that loads a foreign definition",
        XmlPublic "xml.public" "a DOCTYPE that names a public definition",
        XmlInternal "xml.internal" "a DOCTYPE that defines an entity",
        XmlInclude "xml.include" "an XInclude",
        XmlStyle "xml.style" "a style sheet that calls functions",
    }
    Nosql {
        NosqlOperator "nosql.operator" "an operator in place of a name",
        NosqlFilter "nosql.filter" "a comparison in place of a name",
        NosqlCode "nosql.code" "code that the database runs",
    }
    Query {
        QueryCypher "query.cypher" "a closed string or pattern, then a clause of Cypher",
        QuerySparql "query.sparql" "a closed string or group, then a triple or an update of SPARQL",
        QueryOdata "query.odata" "a condition of OData that is always true, or joined behind a closed string",
        QuerySolr "query.solr" "a query of Solr that switches to another parser",
        QueryCache "query.cache" "a line break followed by a command of Redis or Memcached",
    }
    Orm {
        OrmSecret "orm.secret" "a partial match on a member that holds a secret",
        OrmPerson "orm.person" "a partial match on a member of an account",
    }
    Ldap {
        LdapFilter "ldap.filter" "a filter that closes the one around it and opens another",
        LdapSigns "ldap.signs" "nothing but signs of a filter",
    }
    Xpath {
        XpathClosed "xpath.closed" "a condition on a document's nodes after a closed quote",
    }
    Lines {
        LinesHeader "lines.header" "a line break followed by a header of an answer",
        LinesAny "lines.any" "a carriage return followed by a header",
        LinesBreak "lines.break" "a line break in a name, a path or a header",
        LinesAnswer "lines.answer" "a line break followed by a whole answer",
        LinesRequest "lines.request" "a request inside a value",
        LinesChunk "lines.chunk" "a request behind the last chunk",
        LinesMail "lines.mail" "a line break followed by a receiver of a mail",
        LinesCommand "lines.command" "a line break followed by a mail server's command",
    }
    Upload {
        UploadScript "upload.script" "a file that servers run",
        UploadNamed "upload.named" "a file that servers run, named in a parameter or a header",
        UploadRun "upload.run" "a program in a directory of uploads",
        UploadMasked "upload.masked" "a page or a program that is declared as a picture",
        UploadHidden "upload.hidden" "a file that servers run, under a second name",
        UploadShell "upload.shell" "code that runs what a request says",
        UploadClimb "upload.climb" "an archive whose first file leaves the folder",
        UploadPicture "upload.picture" "code inside a picture",
    }
    Graphql {
        GraphqlSchema "graphql.schema" "a question about the schema",
        GraphqlDepth "graphql.depth" "fields nested more than fifteen deep",
        GraphqlAlias "graphql.alias" "the same field under many names",
    }
    Prototype {
        PrototypeName "prototype.name" "the prototype of all objects as a name",
        PrototypePath "prototype.path" "a way to the prototype of all objects as a value",
    }
}
