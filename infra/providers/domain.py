"""A domain of a project: https://vercel.com/docs/rest-api/projects/add-a-domain-to-a-project"""

from typing import Any, ClassVar

from .addresses import path
from .checks import DOMAIN, ID, Check
from .errors import ConflictError, ForbiddenError, GoneError, IncompleteError, ProviderError, UnansweredError
from .kinds import Found, Kind, Properties, Work


class Domain(Kind):
    """The id is `<project id>/<domain>`. One without the proof that it is ours is kept as unfinished."""

    inputs: ClassVar[dict[str, Check]] = {"projectId": ID, "domain": DOMAIN}
    replacing: ClassVar[frozenset[str]] = frozenset({"projectId", "domain"})

    def delete_first(self, changed: set[str]) -> bool:
        # A domain belongs to one project at a time.
        return changed == {"projectId"}

    async def create(self, inputs: Properties, work: Work) -> tuple[str, Properties]:
        project, domain = inputs["projectId"], inputs["domain"]
        found = await _get(work, project, domain) or await self._added(project, domain, work)
        id_ = f"{project}/{domain}"
        await self._finished(found, id_, inputs, work)
        return id_, dict(inputs)

    async def read(self, id_: str, old: Properties, work: Work) -> Found | None:
        named, _, domain = id_.partition("/")
        if not domain:
            raise ProviderError("The id of a domain is <project id>/<domain>, like prj_123/form.example.com.")
        found = await _get(work, named, domain)
        if found is None:
            return None
        # An import may name the project.
        project = str(found.get("projectId") or named)
        inputs = {"projectId": project, "domain": domain}
        return Found(f"{project}/{domain}", inputs, dict(inputs))

    async def update(self, id_: str, old: Properties, inputs: Properties, work: Work) -> Properties:
        """Only for one that was unfinished: Vercel looks for the proof again."""
        project, domain = inputs["projectId"], inputs["domain"]
        found = await _get(work, project, domain)
        if found is not None and not found.get("verified"):
            proof = path("v9", "projects", project, "domains", domain, "verify")
            try:
                found = await work.call("POST", proof, f"verify the domain {domain}", again=True)
            except ProviderError:
                # It refuses as long as the proof is not there; what to do is in the domain itself.
                found = await _get(work, project, domain)
        await self._finished(found or {}, id_, inputs, work)
        return dict(inputs)

    async def delete(self, id_: str, old: Properties, work: Work) -> None:
        project, _, domain = id_.partition("/")
        try:
            place = path("v9", "projects", project, "domains", domain)
            await work.call("DELETE", place, f"remove the domain {domain}")
        except GoneError:
            return

    async def _added(self, project: str, domain: str, work: Work) -> Any:
        try:
            place = path("v10", "projects", project, "domains")
            return await work.call("POST", place, f"add the domain {domain}", body={"name": domain})
        except UnansweredError:
            if found := await _get(work, project, domain):
                return found
            raise
        except ConflictError as error:
            raise ConflictError(
                f"The domain {domain} belongs to another project at Vercel already. Remove it there "
                "(Settings, Domains), or give this stage another address (publicBaseUrl). "
                f"Vercel says: {error}",
                error.code,
            ) from None
        except ForbiddenError as error:
            raise ForbiddenError(
                f"The domain {domain} belongs to another team at Vercel, or the owner of VERCEL_TOKEN may "
                "not add domains in the team of the stage (hosting.team). Let that team give it away, or "
                f"give this stage another address (publicBaseUrl). Vercel says: {error}"
            ) from None

    async def _finished(self, found: Any, id_: str, inputs: Properties, work: Work) -> None:
        domain = inputs["domain"]
        if not found.get("verified"):
            records = "".join(
                f"\n    {each.get('type')} {each.get('domain')} {each.get('value')}"
                for each in found.get("verification") or ()
            )
            raise IncompleteError(
                f"Vercel wants a proof that {domain} is yours. Set this in its DNS, then run `pulumi up` "
                f"again:{records or ' (see the project, Settings, Domains)'}",
                id_,
                inputs,
            )
        config = await work.call(
            "GET", path("v6", "domains", domain, "config"), f"read how {domain} resolves"
        )
        if config.get("misconfigured"):
            await work.warn(
                f"{domain} does not lead to Vercel yet, so nothing can be seen there. Set its DNS:\n"
                f"{_records(domain, config)}"
            )


def _records(domain: str, config: Any) -> str:
    def best(key: str) -> Any:
        listed = config.get(key) or [{}]
        return listed[0].get("value")

    aliases, addresses = best("recommendedCNAME"), best("recommendedIPv4") or ["76.76.21.21"]
    alias = aliases if isinstance(aliases, str) else "cname.vercel-dns.com"
    return f"    {domain} CNAME {alias}    or    {domain} A {addresses[0]}"


async def _get(work: Work, project: str, domain: str) -> Any:
    try:
        return await work.call(
            "GET", path("v9", "projects", project, "domains", domain), f"read the domain {domain}"
        )
    except GoneError:
        return None
