"""the tables of the six PM agents, and the mirror of pull requests"""

import sqlalchemy as sa
from alembic import op

import db.base
from db.migrations.protection import enable_row_level_security

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('alert_thresholds',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('agent', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('value', sa.Double(), nullable=False),
    sa.Column('previous', sa.Double(), nullable=False),
    sa.Column('useful', sa.Integer(), nullable=False),
    sa.Column('not_useful', sa.Integer(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('changed_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_alert_thresholds_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_thresholds'))
    )
    with op.batch_alter_table('alert_thresholds', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alert_thresholds_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_alert_thresholds_agent'), ['agent'], unique=False)

    op.create_table('bottleneck_baselines',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_key', sa.String(length=20), nullable=False),
    sa.Column('item_type', sa.String(length=20), nullable=False),
    sa.Column('status', sa.String(length=80), nullable=False),
    sa.Column('priority', sa.String(length=80), nullable=False),
    sa.Column('median_seconds', sa.Float(), nullable=False),
    sa.Column('p90_seconds', sa.Float(), nullable=False),
    sa.Column('log_spread', sa.Float(), nullable=False),
    sa.Column('sample_size', sa.Integer(), nullable=False),
    sa.Column('censored', sa.Integer(), nullable=False),
    sa.Column('curve', db.base.JsonDocument, nullable=False),
    sa.Column('history_days', sa.Integer(), nullable=False),
    sa.Column('last_trained', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_bottleneck_baselines_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bottleneck_baselines')),
    sa.UniqueConstraint('account_id', 'project_key', 'item_type', 'status', 'priority', name=op.f('uq_bottleneck_baselines_account_id_project_key_item_type_status_priority'))
    )
    with op.batch_alter_table('bottleneck_baselines', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_bottleneck_baselines_account_id'), ['account_id'], unique=False)

    op.create_table('epic_hours',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_key', sa.String(length=20), nullable=False),
    sa.Column('epic_key', sa.String(length=40), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('team', sa.String(length=100), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('computed_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_epic_hours_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epic_hours')),
    sa.UniqueConstraint('account_id', 'project_key', 'epic_key', 'month', 'team', name=op.f('uq_epic_hours_account_id_project_key_epic_key_month_team'))
    )
    with op.batch_alter_table('epic_hours', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_epic_hours_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_epic_hours_month'), ['month'], unique=False)

    op.create_table('github_pull_requests',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('repository', sa.String(length=200), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('node_id', sa.String(length=100), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('author_login', sa.String(length=100), nullable=False),
    sa.Column('is_bot', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('is_draft', sa.Boolean(), nullable=False),
    sa.Column('review_decision', sa.String(length=40), nullable=True),
    sa.Column('review_status', sa.String(length=40), nullable=False),
    sa.Column('status_since', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('checks_state', sa.String(length=20), nullable=True),
    sa.Column('head_ref', sa.String(length=255), nullable=False),
    sa.Column('base_ref', sa.String(length=255), nullable=False),
    sa.Column('requested_reviewers', db.base.JsonDocument, nullable=False),
    sa.Column('jira_keys', db.base.JsonDocument, nullable=False),
    sa.Column('status_history', db.base.JsonDocument, nullable=False),
    sa.Column('commits', db.base.JsonDocument, nullable=False),
    sa.Column('reviews', db.base.JsonDocument, nullable=False),
    sa.Column('comments', db.base.JsonDocument, nullable=False),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('merged_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('synced_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_github_pull_requests_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_github_pull_requests')),
    sa.UniqueConstraint('account_id', 'repository', 'number', name=op.f('uq_github_pull_requests_account_id_repository_number'))
    )
    with op.batch_alter_table('github_pull_requests', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_github_pull_requests_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_github_pull_requests_state', ['account_id', 'state', 'repository'], unique=False)

    op.create_table('monthly_reconciliation_reports',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('file_path', sa.String(length=400), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('size_bytes', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('total_projects', sa.Integer(), nullable=False),
    sa.Column('actual_seconds', sa.Integer(), nullable=False),
    sa.Column('forecast_minutes', sa.Integer(), nullable=False),
    sa.Column('total_variance_percent', sa.Float(), nullable=True),
    sa.Column('totals', db.base.JsonDocument, nullable=False),
    sa.Column('sent_to', db.base.JsonDocument, nullable=False),
    sa.Column('sheet_url', sa.Text(), nullable=True),
    sa.Column('generated_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_monthly_reconciliation_reports_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_monthly_reconciliation_reports')),
    sa.UniqueConstraint('account_id', 'month', 'revision', name=op.f('uq_monthly_reconciliation_reports_account_id_month_revision'))
    )
    with op.batch_alter_table('monthly_reconciliation_reports', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_monthly_reconciliation_reports_account_id'), ['account_id'], unique=False)

    op.create_table('proactive_insights',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('insight_type', sa.String(length=40), nullable=False),
    sa.Column('project_key', sa.String(length=20), nullable=False),
    sa.Column('subject_key', sa.String(length=60), nullable=False),
    sa.Column('period', sa.String(length=20), nullable=False),
    sa.Column('severity', sa.String(length=20), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('explanation', sa.Text(), nullable=False),
    sa.Column('details', db.base.JsonDocument, nullable=False),
    sa.Column('detected_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('resolved_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_proactive_insights_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proactive_insights')),
    sa.UniqueConstraint('account_id', 'insight_type', 'subject_key', 'period', name=op.f('uq_proactive_insights_account_id_insight_type_subject_key_period'))
    )
    with op.batch_alter_table('proactive_insights', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proactive_insights_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proactive_insights_project_key'), ['project_key'], unique=False)

    op.create_table('retainer_budget_alerts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_key', sa.String(length=20), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('threshold', sa.Integer(), nullable=False),
    sa.Column('seconds_consumed', sa.Integer(), nullable=False),
    sa.Column('retainer_seconds', sa.Integer(), nullable=False),
    sa.Column('burn_seconds_per_day', sa.Integer(), nullable=False),
    sa.Column('projected_seconds', sa.Integer(), nullable=False),
    sa.Column('projected_low_seconds', sa.Integer(), nullable=False),
    sa.Column('projected_high_seconds', sa.Integer(), nullable=False),
    sa.Column('passed_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('alert_sent_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_retainer_budget_alerts_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_retainer_budget_alerts')),
    sa.UniqueConstraint('account_id', 'project_key', 'month', 'threshold', name=op.f('uq_retainer_budget_alerts_account_id_project_key_month_threshold'))
    )
    with op.batch_alter_table('retainer_budget_alerts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_retainer_budget_alerts_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_retainer_budget_alerts_month'), ['month'], unique=False)

    op.create_table('workflow_bottlenecks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_key', sa.String(length=200), nullable=False),
    sa.Column('item_type', sa.String(length=20), nullable=False),
    sa.Column('project_key', sa.String(length=20), nullable=False),
    sa.Column('status', sa.String(length=80), nullable=False),
    sa.Column('priority', sa.String(length=80), nullable=False),
    sa.Column('assignee', sa.String(length=128), nullable=False),
    sa.Column('team', sa.String(length=100), nullable=False),
    sa.Column('entered_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('seconds_in_status', sa.Integer(), nullable=False),
    sa.Column('expected_seconds', sa.Integer(), nullable=False),
    sa.Column('p90_seconds', sa.Float(), nullable=False),
    sa.Column('anomaly_score', sa.Float(), nullable=False),
    sa.Column('risk', sa.Float(), nullable=False),
    sa.Column('isolation_score', sa.Float(), nullable=True),
    sa.Column('baseline', sa.Text(), nullable=False),
    sa.Column('activity', sa.String(length=20), nullable=False),
    sa.Column('context', sa.Text(), nullable=False),
    sa.Column('blocker', sa.String(length=200), nullable=False),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.Column('quoted', sa.String(length=200), nullable=False),
    sa.Column('returns', sa.Integer(), nullable=False),
    sa.Column('confidence', sa.Float(), nullable=False),
    sa.Column('is_truly_stuck', sa.Boolean(), nullable=False),
    sa.Column('rule_based', sa.Boolean(), nullable=False),
    sa.Column('dismissed_by_member_id', sa.Integer(), nullable=True),
    sa.Column('detected_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('seen_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('resolved_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_workflow_bottlenecks_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workflow_bottlenecks')),
    sa.UniqueConstraint('account_id', 'item_key', 'status', 'entered_at', name=op.f('uq_workflow_bottlenecks_account_id_item_key_status_entered_at'))
    )
    with op.batch_alter_table('workflow_bottlenecks', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_workflow_bottlenecks_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_workflow_bottlenecks_open', ['account_id', 'resolved_at'], unique=False)

    op.create_table('epic_forecasts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_key', sa.String(length=20), nullable=False),
    sa.Column('epic_key', sa.String(length=40), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('team', sa.String(length=100), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('changed_by_member_id', sa.Integer(), nullable=True),
    sa.Column('changed_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_epic_forecasts_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['changed_by_member_id'], ['members.id'], name=op.f('fk_epic_forecasts_changed_by_member_id_members'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epic_forecasts')),
    sa.UniqueConstraint('account_id', 'epic_key', 'month', 'team', name=op.f('uq_epic_forecasts_account_id_epic_key_month_team'))
    )
    with op.batch_alter_table('epic_forecasts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_epic_forecasts_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_epic_forecasts_project_key'), ['project_key'], unique=False)

    op.create_table('worklog_drafts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('week_start_date', sa.Date(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('issue_key', sa.String(length=40), nullable=False),
    sa.Column('issue_jira_id', sa.String(length=20), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('description', sa.String(length=500), nullable=False),
    sa.Column('evidence', db.base.JsonDocument, nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('tempo_worklog_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_worklog_drafts_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_worklog_drafts_member_id_members'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_worklog_drafts')),
    sa.UniqueConstraint('account_id', 'member_id', 'day', 'issue_key', name=op.f('uq_worklog_drafts_account_id_member_id_day_issue_key'))
    )
    with op.batch_alter_table('worklog_drafts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_worklog_drafts_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_worklog_drafts_week_start_date'), ['week_start_date'], unique=False)

    with op.batch_alter_table('alert_deliveries', schema=None) as batch_op:
        batch_op.add_column(sa.Column('facts', db.base.JsonDocument, nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('bundled_in_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_alert_deliveries_bundled_in_id'), ['bundled_in_id'], unique=False)

    with op.batch_alter_table('alert_snoozes', schema=None) as batch_op:
        batch_op.add_column(sa.Column('fingerprint', sa.String(length=64), nullable=False, server_default=''))

    with op.batch_alter_table('projects', schema=None) as batch_op:
        batch_op.add_column(sa.Column('hourly_rate_cents', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('github_repositories', db.base.JsonDocument, nullable=False, server_default='[]'))

    with op.batch_alter_table('user_teams', schema=None) as batch_op:
        batch_op.add_column(sa.Column('hourly_rate_cents', sa.Integer(), nullable=True))

    enable_row_level_security(['alert_thresholds', 'bottleneck_baselines', 'epic_forecasts', 'epic_hours', 'github_pull_requests', 'monthly_reconciliation_reports', 'proactive_insights', 'retainer_budget_alerts', 'workflow_bottlenecks', 'worklog_drafts'])
