#!/usr/bin/env bash
# What the GitHub Action runs: a function for each `command`. Inputs come as environment variables and never as part of this text,
# so nothing in them is run. Requires trailbell, and for comments `gh` and `jq`, which GitHub's runners have.
set -euo pipefail

fail() {
  echo "::error title=trailbell::$1"
  exit 2
}

# A workflow of `pull_request_target` runs with the secrets of the repository on code of strangers. A pull request from a fork gets
# neither secrets nor a token for AWS, so only what works offline makes sense there.
guard() {
  if [ "${GITHUB_EVENT_NAME:-}" = pull_request_target ]; then
    fail "the event pull_request_target gives code of strangers access to the account: use pull_request"
  fi
  if [ "$COMMAND" != check ] && [ -n "${PULL_REQUEST:-}" ] && [ "${HEAD_REPOSITORY:-}" != "$GITHUB_REPOSITORY" ]; then
    fail "this pull request is from a fork, which has no access to AWS: use the command check"
  fi
}

# The plan in Markdown; 3 when there are changes.
plan_to() {
  local code=0
  trailbell plan --detailed-exitcode --output markdown "${@:2}" -- "$STACK" >"$1" || code=$?
  if [ "$code" = 0 ] || [ "$code" = 3 ]; then
    cat "$1" >>"$GITHUB_STEP_SUMMARY"
  fi
  return "$code"
}

# Writes the comment, or replaces the one from before: it begins with a mark, and its author is who comments here.
comment() {
  local mark id
  mark="<!-- trailbell plan $(printf %s "$STACK" | sha256sum | cut -c 1-16) -->"
  { echo "$mark"; cat "$1"; } >"$1.comment"
  id=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments?per_page=100" |
    jq -rs --arg mark "$mark" --arg author "$COMMENT_AUTHOR" \
      '[.[][] | select(.user.login == $author and (.body | startswith($mark)))] | first | .id // empty')
  if [ -n "$id" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field "body=@$1.comment"
  else
    gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" --field "body=@$1.comment"
  fi
}

run_check() {
  local code=0
  trailbell check --output github -- "$STACK" || code=$?
  trailbell test -- "$STACK" || code=$?
  return "$code"
}

run_plan() {
  local code=0 file=${PLAN_FILE:-trailbell.plan} body
  body=$(mktemp)
  plan_to "$body" --out "$file" || code=$?
  case $code in
    0) echo "changes=false" >>"$GITHUB_OUTPUT" ;;
    3) echo "changes=true" >>"$GITHUB_OUTPUT" ;;
    *) printf '### trailbell: there is no plan\n\nThe log of the run says why: %s\n' \
      "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID" >"$body" ;;
  esac
  if [ "$COMMENT" = true ] && [ -n "${PULL_REQUEST:-}" ]; then
    comment "$body"
  fi
  [ "$code" = 3 ] || return "$code"
}

run_apply() {
  if [ -n "${PLAN_FILE:-}" ]; then
    [ -f "$PLAN_FILE" ] || fail "the saved plan does not exist: download the artifact of the job that planned"
    trailbell apply --lock-timeout "$LOCK_TIMEOUT" -- "$PLAN_FILE"
  else
    trailbell apply --yes --lock-timeout "$LOCK_TIMEOUT" -- "$STACK"
  fi
}

run_drift() {
  local code=0 body
  body=$(mktemp)
  plan_to "$body" || code=$?
  if [ "$code" = 3 ]; then
    echo "::error title=trailbell::the account is not as the stack file describes: see the summary of this run"
  fi
  return "$code"
}

# Only test stacks that have expired, and only those of trailbell.
run_reap() {
  [ -n "${REGION:-}" ] || fail "the command reap requires the input region"
  trailbell reap --yes --region "$REGION" --lock-timeout "$LOCK_TIMEOUT"
}

guard
case $COMMAND in
  check | plan | apply | drift | reap) "run_$COMMAND" ;;
  *) fail "the input command must be check, plan, apply, drift, or reap" ;;
esac
