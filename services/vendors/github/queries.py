"""The queries sent to GitHub's GraphQL."""

from __future__ import annotations

PAGE = 25
"""Pull requests a call: GitHub gives up after 10 s, and each brings its timeline with it."""
TIMELINE = 60
OPEN_PER_LISTING = 100

_TIMELINE_TYPES = (
    "PULL_REQUEST_COMMIT, PULL_REQUEST_REVIEW, ISSUE_COMMENT, REVIEW_REQUESTED_EVENT, REVIEW_REQUEST_REMOVED_EVENT, "
    "REVIEW_DISMISSED_EVENT, READY_FOR_REVIEW_EVENT, CONVERT_TO_DRAFT_EVENT, MERGED_EVENT, CLOSED_EVENT, REOPENED_EVENT"
)

PULL_FIELDS = f"""
fragment Person on Actor {{ __typename login }}
fragment Asked on RequestedReviewer {{
  __typename ... on User {{ login }} ... on Bot {{ login }} ... on Team {{ slug }}
}}
fragment Pull on PullRequest {{
  id number title url isDraft state createdAt updatedAt mergedAt closedAt headRefName baseRefName reviewDecision
  author {{ ...Person }}
  repository {{ nameWithOwner }}
  reviewRequests(first: 20) {{ nodes {{ requestedReviewer {{ ...Asked }} }} }}
  commits(last: 1) {{ nodes {{ commit {{ statusCheckRollup {{
    state
    contexts(first: 50) {{ nodes {{
      __typename
      ... on CheckRun {{ conclusion completedAt }}
      ... on StatusContext {{ state createdAt }}
    }} }}
  }} }} }} }}
  timelineItems(last: {TIMELINE}, itemTypes: [{_TIMELINE_TYPES}]) {{
    filteredCount
    nodes {{
      __typename
      ... on PullRequestCommit {{
        commit {{ committedDate messageHeadline author {{ name user {{ ...Person }} }} }}
      }}
      ... on PullRequestReview {{ state submittedAt author {{ ...Person }} }}
      ... on IssueComment {{ createdAt author {{ ...Person }} }}
      ... on ReviewRequestedEvent {{ createdAt actor {{ ...Person }} requestedReviewer {{ ...Asked }} }}
      ... on ReviewRequestRemovedEvent {{ createdAt actor {{ ...Person }} requestedReviewer {{ ...Asked }} }}
      ... on ReviewDismissedEvent {{ createdAt actor {{ ...Person }} review {{ author {{ ...Person }} }} }}
      ... on ReadyForReviewEvent {{ createdAt actor {{ ...Person }} }}
      ... on ConvertToDraftEvent {{ createdAt actor {{ ...Person }} }}
      ... on MergedEvent {{ createdAt actor {{ ...Person }} }}
      ... on ClosedEvent {{ createdAt actor {{ ...Person }} }}
      ... on ReopenedEvent {{ createdAt actor {{ ...Person }} }}
    }}
  }}
}}"""

SEARCH = f"""
query PullRequests($query: String!, $first: Int!, $after: String) {{
  viewer {{ login }}
  search(type: ISSUE, query: $query, first: $first, after: $after) {{
    issueCount
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ ...Pull }}
  }}
}}
{PULL_FIELDS}"""

ONE = f"""
query PullRequest($owner: String!, $name: String!, $number: Int!) {{
  viewer {{ login }}
  repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{ ...Pull }} }}
}}
{PULL_FIELDS}"""

LISTING = f"""
query OpenPullRequests($owner: String!, $name: String!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    nameWithOwner
    pullRequests(states: OPEN, first: {OPEN_PER_LISTING}, after: $after) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        number updatedAt
        commits(last: 1) {{ nodes {{ commit {{ statusCheckRollup {{ state }} }} }} }}
      }}
    }}
  }}
}}"""

VIEWER = "query Viewer { viewer { login } }"
