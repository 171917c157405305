"""GitHub's GraphQL: the part of the schema that reads pull requests, executed by graphql-core."""

from sandbox.github.graphql.endpoint import GraphqlEndpoint

__all__ = ["GraphqlEndpoint"]
