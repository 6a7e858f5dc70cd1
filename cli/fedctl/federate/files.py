"""Federates the objects of a file: reads, prints, and asks no server."""

from fedctl.federate.annotations import warn_about_annotations
from fedctl.federate.templates import federated_object, guessed_type
from fedctl.manifests import print_documents
from fedctl.telling import warn
from fedctl.yamlfiles import read_documents, shown_name
from kubefed.core.errors import Misconfigured


def print_federated(filename: str, *, sort_fields: bool = False) -> None:
    """Print a federated object for every object of the file. Raises Misconfigured naming the document that is none."""
    federated = []
    for number, document in enumerate(read_documents(filename), start=1):
        try:
            kind = guessed_type(document)
        except Misconfigured as problem:
            raise Misconfigured(f"{shown_name(filename)}, document {number}: {problem}") from None
        if kind.target.namespaced and not document["metadata"].get("namespace"):
            warn(f"{kind.target.kind} {document['metadata']['name']} names no namespace: apply it with kubectl -n.")
        warn_about_annotations(document)
        federated.append(federated_object(document, kind))
    if not federated:
        raise Misconfigured(f"{shown_name(filename)} holds no object")
    print_documents(federated, sort_fields=sort_fields)
