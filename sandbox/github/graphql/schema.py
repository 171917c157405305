"""The part of GitHub's public schema that is served, with its names and types."""

from __future__ import annotations

from functools import cache

from graphql import GraphQLSchema, build_schema

SDL = """
scalar DateTime
scalar URI
scalar GitObjectID

enum SearchType { ISSUE REPOSITORY USER DISCUSSION }
enum PullRequestState { OPEN CLOSED MERGED }
enum PullRequestReviewState { PENDING COMMENTED APPROVED CHANGES_REQUESTED DISMISSED }
enum PullRequestReviewDecision { CHANGES_REQUESTED APPROVED REVIEW_REQUIRED }
enum MergeableState { MERGEABLE CONFLICTING UNKNOWN }
enum MergeStateStatus { DIRTY UNKNOWN BLOCKED BEHIND DRAFT UNSTABLE HAS_HOOKS CLEAN }
enum StatusState { EXPECTED ERROR FAILURE PENDING SUCCESS }
enum CheckStatusState { REQUESTED QUEUED IN_PROGRESS COMPLETED WAITING PENDING }
enum CheckConclusionState { ACTION_REQUIRED TIMED_OUT CANCELLED FAILURE SUCCESS NEUTRAL SKIPPED STARTUP_FAILURE STALE }
enum OrderDirection { ASC DESC }
enum IssueOrderField { CREATED_AT UPDATED_AT COMMENTS }
enum PullRequestTimelineItemsItemType {
  PULL_REQUEST_COMMIT PULL_REQUEST_REVIEW REVIEW_REQUESTED_EVENT REVIEW_REQUEST_REMOVED_EVENT REVIEW_DISMISSED_EVENT
  READY_FOR_REVIEW_EVENT CONVERT_TO_DRAFT_EVENT HEAD_REF_FORCE_PUSHED_EVENT ISSUE_COMMENT MERGED_EVENT CLOSED_EVENT
  REOPENED_EVENT
}

input IssueOrder { field: IssueOrderField! direction: OrderDirection! }

interface Actor { login: String! url: URI! avatarUrl(size: Int): URI! }
interface Node { id: ID! }

type User implements Actor & Node {
  id: ID! login: String! name: String email: String! url: URI! avatarUrl(size: Int): URI!
}
type Bot implements Actor & Node { id: ID! login: String! url: URI! avatarUrl(size: Int): URI! }
type Organization implements Actor & Node { id: ID! login: String! name: String url: URI! avatarUrl(size: Int): URI! }
type Team implements Node { id: ID! name: String! slug: String! }

type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type RateLimit { cost: Int! limit: Int! nodeCount: Int! remaining: Int! resetAt: DateTime! used: Int! }

union RequestedReviewer = User | Team | Bot
type ReviewRequest implements Node { id: ID! requestedReviewer: RequestedReviewer }
type ReviewRequestConnection { totalCount: Int! nodes: [ReviewRequest] pageInfo: PageInfo! }

type PullRequestReview implements Node {
  id: ID! state: PullRequestReviewState! submittedAt: DateTime createdAt: DateTime! body: String! author: Actor
  url: URI!
}
type PullRequestReviewConnection { totalCount: Int! nodes: [PullRequestReview] pageInfo: PageInfo! }

type PullRequestReviewComment implements Node { id: ID! createdAt: DateTime! body: String! author: Actor path: String! }
type PullRequestReviewCommentConnection { totalCount: Int! nodes: [PullRequestReviewComment] pageInfo: PageInfo! }
type PullRequestReviewThread implements Node {
  id: ID! isResolved: Boolean! isOutdated: Boolean! path: String!
  comments(first: Int, last: Int, after: String, before: String): PullRequestReviewCommentConnection!
}
type PullRequestReviewThreadConnection { totalCount: Int! nodes: [PullRequestReviewThread] pageInfo: PageInfo! }

type GitActor { name: String email: String date: DateTime user: User }
type CheckRun implements Node {
  id: ID! name: String! status: CheckStatusState! conclusion: CheckConclusionState
  startedAt: DateTime completedAt: DateTime
}
type StatusContext implements Node {
  id: ID! context: String! state: StatusState! description: String createdAt: DateTime!
}
union StatusCheckRollupContext = CheckRun | StatusContext
type StatusCheckRollupContextConnection { totalCount: Int! nodes: [StatusCheckRollupContext] pageInfo: PageInfo! }
type StatusCheckRollup implements Node {
  id: ID! state: StatusState!
  contexts(first: Int, last: Int, after: String, before: String): StatusCheckRollupContextConnection!
}
type Commit implements Node {
  id: ID! oid: GitObjectID! message: String! messageHeadline: String!
  authoredDate: DateTime! committedDate: DateTime! author: GitActor statusCheckRollup: StatusCheckRollup
}
type PullRequestCommit implements Node { id: ID! commit: Commit! }
type PullRequestCommitConnection { totalCount: Int! nodes: [PullRequestCommit] pageInfo: PageInfo! }

type IssueComment implements Node {
  id: ID! createdAt: DateTime! updatedAt: DateTime! body: String! author: Actor url: URI!
}
type IssueCommentConnection { totalCount: Int! nodes: [IssueComment] pageInfo: PageInfo! }

type ReviewRequestedEvent implements Node {
  id: ID! createdAt: DateTime! actor: Actor requestedReviewer: RequestedReviewer
}
type ReviewRequestRemovedEvent implements Node {
  id: ID! createdAt: DateTime! actor: Actor requestedReviewer: RequestedReviewer
}
type ReviewDismissedEvent implements Node { id: ID! createdAt: DateTime! actor: Actor review: PullRequestReview }
type ReadyForReviewEvent implements Node { id: ID! createdAt: DateTime! actor: Actor }
type ConvertToDraftEvent implements Node { id: ID! createdAt: DateTime! actor: Actor }
type HeadRefForcePushedEvent implements Node { id: ID! createdAt: DateTime! actor: Actor }
type MergedEvent implements Node { id: ID! createdAt: DateTime! actor: Actor }
type ClosedEvent implements Node { id: ID! createdAt: DateTime! actor: Actor }
type ReopenedEvent implements Node { id: ID! createdAt: DateTime! actor: Actor }
union PullRequestTimelineItems =
    PullRequestCommit | PullRequestReview | ReviewRequestedEvent | ReviewRequestRemovedEvent | ReviewDismissedEvent
  | ReadyForReviewEvent | ConvertToDraftEvent | HeadRefForcePushedEvent | IssueComment | MergedEvent | ClosedEvent
  | ReopenedEvent
type PullRequestTimelineItemsConnection {
  totalCount: Int! filteredCount: Int! nodes: [PullRequestTimelineItems] pageInfo: PageInfo!
}

type PullRequest implements Node {
  id: ID! databaseId: Int fullDatabaseId: String number: Int! title: String! body: String! url: URI! isDraft: Boolean!
  state: PullRequestState! closed: Boolean! merged: Boolean! additions: Int! deletions: Int! changedFiles: Int!
  createdAt: DateTime! updatedAt: DateTime! mergedAt: DateTime closedAt: DateTime
  headRefName: String! headRefOid: GitObjectID! baseRefName: String! baseRefOid: GitObjectID!
  author: Actor mergedBy: Actor reviewDecision: PullRequestReviewDecision
  mergeable: MergeableState! mergeStateStatus: MergeStateStatus! repository: Repository!
  reviewRequests(first: Int, last: Int, after: String, before: String): ReviewRequestConnection
  latestReviews(first: Int, last: Int, after: String, before: String): PullRequestReviewConnection
  reviews(first: Int, last: Int, after: String, before: String, states: [PullRequestReviewState!]):
    PullRequestReviewConnection
  reviewThreads(first: Int, last: Int, after: String, before: String): PullRequestReviewThreadConnection!
  comments(first: Int, last: Int, after: String, before: String): IssueCommentConnection!
  commits(first: Int, last: Int, after: String, before: String): PullRequestCommitConnection!
  timelineItems(
    first: Int, last: Int, after: String, before: String, since: DateTime,
    itemTypes: [PullRequestTimelineItemsItemType!]
  ): PullRequestTimelineItemsConnection!
}
type PullRequestConnection { totalCount: Int! nodes: [PullRequest] pageInfo: PageInfo! }

type Repository implements Node {
  id: ID! name: String! nameWithOwner: String! url: URI! isArchived: Boolean! isPrivate: Boolean! owner: Actor!
  pullRequest(number: Int!): PullRequest
  pullRequests(
    first: Int, last: Int, after: String, before: String, states: [PullRequestState!], headRefName: String,
    baseRefName: String, orderBy: IssueOrder
  ): PullRequestConnection!
}

union SearchResultItem = PullRequest | Repository | User
type SearchResultItemConnection { issueCount: Int! repositoryCount: Int! nodes: [SearchResultItem] pageInfo: PageInfo! }

type Query {
  viewer: User!
  rateLimit(dryRun: Boolean = false): RateLimit
  repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
  search(
    query: String!, type: SearchType!, first: Int, last: Int, after: String, before: String
  ): SearchResultItemConnection!
}
"""


@cache
def schema() -> GraphQLSchema:
    """Return the schema, built once."""
    return build_schema(SDL)
