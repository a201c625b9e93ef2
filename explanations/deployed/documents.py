"""What an operator says of a deployed model and of a reference group, and when that is complete. Pure.

Which inputs a person can change, and which are protected, is said with the endpoint: nobody is ever told to change
an immutable or protected one (GDPR Art. 22(4), Reg B 1002.6). A reference group is a policy choice with a reason:
it decides which reasons come out (Reg B 1002.9(b)(2), comment 5).
"""

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core import canonical
from core.errors import FieldError
from explanations.cases import Policy
from explanations.parts import Direction, ReferenceKind, Space
from explanations.port import Endpoint, Value
from explanations.recourse import Actionable

KEY_PATTERN: Final = r"^[a-z0-9][a-z0-9._-]{0,63}$"
LEAST_ROWS: Final = 100
MOST_ROWS: Final = 1000
_ONE_ROW: Final = frozenset({"baseline_row", "training_mean"})
_TEXT = r"^[^\x00-\x1f\x7f]*$"
Key = Annotated[str, Field(pattern=KEY_PATTERN)]
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=_TEXT)]
Text = Annotated[str, Field(min_length=1, max_length=1000, pattern=_TEXT)]
Pointer = Annotated[str, Field(max_length=200, pattern=r"^(/[^\x00-\x1f\x7f]*)?$")]
UrlPath = Annotated[str, Field(max_length=500, pattern=r"^[!-~]*$")]
_OURS: Final = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding"}
)


def _free(name: str) -> str:
    """Refuse header fields that say where a request goes or where it ends. Raises ``ValueError``."""
    if name.lower() in _OURS:
        raise ValueError("this header field is set by Candor itself")
    return name


HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$"), AfterValidator(_free)]
Cell = Annotated[str, Field(max_length=1000)] | bool | int | float | None


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def canonical(self) -> bytes:
        """Return the bytes that are stored and hashed."""
        return canonical.dumps(self.model_dump(mode="json"))


class Feature(_Document):
    """One input of the model, in the model's order."""

    name: Line
    sensitivity: Literal["normal", "protected", "secret"] = Field(
        "normal", description="`protected` among the reasons stops the explanation; `secret` is withheld with a ground."
    )
    mutable: bool = Field(default=False, description="Whether the person can change it at all.")
    direction: Literal["up", "down", "any"] = Field("any", description="The way in which a person can change it.")
    low: float | None = None
    high: float | None = None
    values: tuple[Cell, ...] = Field((), max_length=50, description="What a text may become.")
    group: Line | None = Field(None, description="Inputs of one group move together (one-hot, a value and its flag).")


class EndpointDocument(_Document):
    """Everything that is said of an endpoint but its credentials."""

    system: Key
    model: Line = Field(description="As decisions name it.")
    version: Line | None = Field(None, description="The deployed version, if the server does not say it.")
    kind: Key = Field(description="The adapter: `http-json`, `mlflow`, `kserve-v1`, `oip-v2`, ...")
    url: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[!-~]*$")] = Field(
        description="Without a path of the protocol. Public https, or a host:port that the operator lists."
    )
    features: tuple[Feature, ...] = Field(min_length=1, max_length=1000)
    class_name: Line | None = Field(None, description="The class whose output is explained.")
    class_index: Annotated[int, Field(ge=0, le=1000)] | None = None
    space: Space = "unknown"
    direction: Direction = "unknown"
    served_as: Line | None = Field(None, description="The model's name on its server, where that is another.")
    predict_path: UrlPath | None = None
    explain_path: UrlPath | None = None
    explainer: Line | None = None
    output: Line | None = None
    template: Any = None
    explain_template: Any = None
    predictions_at: Pointer | None = None
    value_at: Pointer = ""
    version_at: Pointer | None = None
    explanations_at: Pointer | None = None
    probe_header: HeaderName = "X-Candor-Probe"
    rows_per_call: Annotated[int, Field(ge=1, le=10_000)] = 2000
    walks: Annotated[int, Field(ge=1, le=10_000)] = Field(400, description="Most walks of the black box.")
    top: Annotated[int, Field(ge=1, le=4)] = Field(4, description="How many reasons are told at most.")
    reference_group: Key | None = Field(None, description="Whom people are compared with, if nobody says otherwise.")

    def port(self, ref: str, headers: dict[str, str]) -> Endpoint:
        """Return it as adapters take it; ``headers`` are the credentials."""
        return Endpoint(
            self.kind,
            self.url,
            tuple(feature.name for feature in self.features),
            model=self.served_as or self.model,
            class_name=self.class_name,
            class_index=self.class_index,
            space=self.space,
            direction=self.direction,
            version=self.version,
            max_batch=self.rows_per_call,
            predict_path=self.predict_path,
            explain_path=self.explain_path,
            explainer=self.explainer,
            output=self.output,
            template=self.template,
            explain_template=self.explain_template,
            predictions_at=self.predictions_at,
            value_at=self.value_at,
            version_at=self.version_at,
            explanations_at=self.explanations_at,
            headers=headers,
            probe=(self.probe_header, "1"),
            ref=ref,
        )

    def policy(self, seconds: float) -> Policy:
        """Return what may be asked in ``seconds``, and what a person can change."""
        groups: dict[str, list[str]] = {}
        for feature in self.features:
            if feature.group is not None:
                groups.setdefault(feature.group, []).append(feature.name)
        return Policy(
            top=self.top,
            walks=self.walks,
            seconds=seconds,
            groups=groups,
            sensitivity={one.name: one.sensitivity for one in self.features if one.sensitivity != "normal"},
            immutable=frozenset(one.name for one in self.features if not one.mutable),
            actionable=tuple(
                Actionable(one.name, one.direction, one.low, one.high, one.values)
                for one in self.features
                if one.mutable
            ),
        )


def contradictions(document: EndpointDocument) -> tuple[FieldError, ...]:
    """Return what an endpoint says that can't be."""
    found: list[FieldError] = []
    names = [feature.name for feature in document.features]
    for place, feature in enumerate(document.features):
        where = f"/document/features/{place}"
        if names.index(feature.name) != place:
            found.append(FieldError(f"{where}/name", "stands here twice"))
        if feature.mutable and feature.sensitivity == "protected":
            found.append(FieldError(f"{where}/mutable", "a protected input is never offered for change"))
        if feature.low is not None and feature.high is not None and feature.low > feature.high:
            found.append(FieldError(f"{where}/low", "is above the highest value"))
        if feature.group is not None and feature.group in names:
            found.append(FieldError(f"{where}/group", "is the name of an input"))
    return tuple(found)


class ReferenceDocument(_Document):
    """Everything that is said of a reference group but its rows."""

    key: Key
    kind: ReferenceKind
    system: Key
    model: Line
    population: Text = Field(description="Who is in it, as a rule: `approved between 600 and 640 points`.")
    words: Text = Field(description="How people are told of it: `applicants who were just approved`.")
    reason: Text = Field(description="Why this group: it decides which reasons come out.")
    frameworks: tuple[Literal["gdpr", "aiact", "regb", "fcra", "generic"], ...] = Field((), max_length=5)
    since: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
    until: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None


def misfits(document: ReferenceDocument, rows: list[dict[str, Value]]) -> tuple[FieldError, ...]:
    """Return what is wrong with a group's rows: too few to be true, or of different shapes."""
    least = 1 if document.kind in _ONE_ROW else LEAST_ROWS
    if not least <= len(rows) <= MOST_ROWS:
        return (FieldError("/rows", f"this kind of group has {least} to {MOST_ROWS} rows: fewer give wrong reasons"),)
    first = set(rows[0])
    for place, row in enumerate(rows):
        if set(row) != first or not row:
            return (FieldError(f"/rows/{place}", "has other inputs than the first row"),)
    return ()
