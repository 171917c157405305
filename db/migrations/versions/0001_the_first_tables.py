"""the first tables"""

import sqlalchemy as sa
from alembic import op

import db.base
from db.migrations.protection import enable_row_level_security, make_append_only
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('accounts',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('slack_team_id', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('time_zone', sa.String(length=64), nullable=False),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts')),
    sa.UniqueConstraint('slack_team_id', name=op.f('uq_accounts_slack_team_id'))
    )
    op.create_table('cached_embeddings',
    sa.Column('embedder', sa.String(length=80), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('vector', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('embedder', 'content_hash', name=op.f('pk_cached_embeddings'))
    )
    op.create_table('handled_events',
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('event_id', sa.String(length=200), nullable=False),
    sa.Column('received_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('source', 'event_id', name=op.f('pk_handled_events'))
    )
    op.create_table('account_settings',
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.Column('preferences', db.base.JsonDocument, nullable=False),
    sa.Column('updated_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_account_settings_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', name=op.f('pk_account_settings'))
    )
    op.create_table('agent_runs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workflow_id', sa.String(length=200), nullable=False),
    sa.Column('agent', sa.String(length=60), nullable=False),
    sa.Column('slot_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('trigger', sa.String(length=20), nullable=False),
    sa.Column('mode', sa.String(length=20), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('summary', db.base.JsonDocument, nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('started_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('finished_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_agent_runs_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agent_runs')),
    sa.UniqueConstraint('account_id', 'workflow_id', name=op.f('uq_agent_runs_account_id_workflow_id'))
    )
    with op.batch_alter_table('agent_runs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agent_runs_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_agent_runs_agent'), ['agent'], unique=False)

    op.create_table('alert_deliveries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('dedupe_key', sa.String(length=200), nullable=False),
    sa.Column('recipient', sa.String(length=40), nullable=False),
    sa.Column('agent', sa.String(length=60), nullable=False),
    sa.Column('severity', sa.String(length=20), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('blocks', db.base.JsonDocument, nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('channel_id', sa.String(length=40), nullable=True),
    sa.Column('message_ts', sa.String(length=40), nullable=True),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('sent_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_alert_deliveries_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_deliveries')),
    sa.UniqueConstraint('account_id', 'dedupe_key', 'recipient', name=op.f('uq_alert_deliveries_account_id_dedupe_key_recipient'))
    )
    with op.batch_alter_table('alert_deliveries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alert_deliveries_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_alert_deliveries_agent'), ['agent'], unique=False)
        batch_op.create_index(batch_op.f('ix_alert_deliveries_created_at'), ['created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_alert_deliveries_recipient'), ['recipient'], unique=False)
        batch_op.create_index(batch_op.f('ix_alert_deliveries_status'), ['status'], unique=False)

    op.create_table('audit_entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('actor_member_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(length=200), nullable=False),
    sa.Column('action', sa.String(length=80), nullable=False),
    sa.Column('target', sa.String(length=200), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('before', db.base.JsonDocument, nullable=True),
    sa.Column('after', db.base.JsonDocument, nullable=True),
    sa.Column('result', sa.String(length=20), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('effect_id', sa.Integer(), nullable=True),
    sa.Column('correlation_id', sa.String(length=40), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_audit_entries_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries')),
    sa.UniqueConstraint('account_id', 'sequence', name=op.f('uq_audit_entries_account_id_sequence'))
    )
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entries_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entries_target'), ['target'], unique=False)

    op.create_table('epic_assignment_compliance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_key', sa.String(length=20), nullable=False),
    sa.Column('week_start_date', sa.Date(), nullable=False),
    sa.Column('total_tickets', sa.Integer(), nullable=False),
    sa.Column('orphaned_tickets', sa.Integer(), nullable=False),
    sa.Column('auto_assigned', sa.Integer(), nullable=False),
    sa.Column('manual_assigned', sa.Integer(), nullable=False),
    sa.Column('orphans_by_creator', db.base.JsonDocument, nullable=False),
    sa.Column('assessed_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_epic_assignment_compliance_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epic_assignment_compliance')),
    sa.UniqueConstraint('account_id', 'project_key', 'week_start_date', name=op.f('uq_epic_assignment_compliance_account_id_project_key_week_start_date'))
    )
    with op.batch_alter_table('epic_assignment_compliance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_epic_assignment_compliance_account_id'), ['account_id'], unique=False)

    op.create_table('jira_field_changes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('jira_id', sa.String(length=20), nullable=False),
    sa.Column('history_id', sa.String(length=20), nullable=False),
    sa.Column('field', sa.String(length=80), nullable=False),
    sa.Column('from_id', sa.Text(), nullable=True),
    sa.Column('from_value', sa.Text(), nullable=True),
    sa.Column('to_id', sa.Text(), nullable=True),
    sa.Column('to_value', sa.Text(), nullable=True),
    sa.Column('author_account_id', sa.String(length=128), nullable=True),
    sa.Column('changed_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_jira_field_changes_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jira_field_changes')),
    sa.UniqueConstraint('account_id', 'jira_id', 'history_id', 'field', name=op.f('uq_jira_field_changes_account_id_jira_id_history_id_field'))
    )
    with op.batch_alter_table('jira_field_changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_jira_field_changes_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_jira_field_changes_issue', ['account_id', 'jira_id', 'field', 'changed_at'], unique=False)

    op.create_table('jira_issues',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('jira_id', sa.String(length=20), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('project_key', sa.String(length=20), nullable=False),
    sa.Column('issue_type', sa.String(length=80), nullable=False),
    sa.Column('hierarchy_level', sa.Integer(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('status', sa.String(length=80), nullable=False),
    sa.Column('status_category', sa.String(length=20), nullable=False),
    sa.Column('priority', sa.String(length=80), nullable=True),
    sa.Column('assignee_account_id', sa.String(length=128), nullable=True),
    sa.Column('reporter_account_id', sa.String(length=128), nullable=True),
    sa.Column('parent_jira_id', sa.String(length=20), nullable=True),
    sa.Column('parent_key', sa.String(length=40), nullable=True),
    sa.Column('epic_key', sa.String(length=40), nullable=True),
    sa.Column('labels', db.base.JsonDocument, nullable=False),
    sa.Column('components', db.base.JsonDocument, nullable=False),
    sa.Column('links', db.base.JsonDocument, nullable=False),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('resolved_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('history_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('synced_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('deleted_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_jira_issues_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jira_issues')),
    sa.UniqueConstraint('account_id', 'jira_id', name=op.f('uq_jira_issues_account_id_jira_id'))
    )
    with op.batch_alter_table('jira_issues', schema=None) as batch_op:
        batch_op.create_index('ix_jira_issues_account_epic', ['account_id', 'epic_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_jira_issues_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_jira_issues_account_key', ['account_id', 'key'], unique=False)
        batch_op.create_index('ix_jira_issues_account_parent', ['account_id', 'parent_jira_id'], unique=False)
        batch_op.create_index('ix_jira_issues_account_project', ['account_id', 'project_key', 'status_category'], unique=False)

    op.create_table('members',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slack_user_id', sa.String(length=40), nullable=False),
    sa.Column('display_name', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=True),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('time_zone', sa.String(length=64), nullable=False),
    sa.Column('jira_account_id', sa.String(length=128), nullable=True),
    sa.Column('github_login', sa.String(length=100), nullable=True),
    sa.Column('preferences', db.base.JsonDocument, nullable=False),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_members_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_members')),
    sa.UniqueConstraint('account_id', 'jira_account_id', name=op.f('uq_members_account_id_jira_account_id')),
    sa.UniqueConstraint('account_id', 'slack_user_id', name=op.f('uq_members_account_id_slack_user_id'))
    )
    with op.batch_alter_table('members', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_members_account_id'), ['account_id'], unique=False)

    op.create_table('mirror_states',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('watermark', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('last_success_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('last_census_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('counts', db.base.JsonDocument, nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_mirror_states_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mirror_states')),
    sa.UniqueConstraint('account_id', 'source', name=op.f('uq_mirror_states_account_id_source'))
    )
    with op.batch_alter_table('mirror_states', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mirror_states_account_id'), ['account_id'], unique=False)

    op.create_table('model_calls',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('task', sa.String(length=60), nullable=False),
    sa.Column('model', sa.String(length=120), nullable=False),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('input_tokens', sa.Integer(), nullable=False),
    sa.Column('output_tokens', sa.Integer(), nullable=False),
    sa.Column('cache_read_tokens', sa.Integer(), nullable=False),
    sa.Column('cache_write_tokens', sa.Integer(), nullable=False),
    sa.Column('latency_ms', sa.Integer(), nullable=False),
    sa.Column('cost_microdollars', sa.BigInteger(), nullable=False),
    sa.Column('correlation_id', sa.String(length=40), nullable=False),
    sa.Column('called_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_model_calls_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_model_calls'))
    )
    with op.batch_alter_table('model_calls', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_model_calls_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_model_calls_called_at'), ['called_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_model_calls_task'), ['task'], unique=False)

    op.create_table('tempo_schedule_days',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('jira_account_id', sa.String(length=128), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('required_seconds', sa.Integer(), nullable=False),
    sa.Column('day_type', sa.String(length=40), nullable=False),
    sa.Column('leave_seconds', sa.Integer(), nullable=False),
    sa.Column('synced_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_tempo_schedule_days_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tempo_schedule_days')),
    sa.UniqueConstraint('account_id', 'jira_account_id', 'day', name=op.f('uq_tempo_schedule_days_account_id_jira_account_id_day'))
    )
    with op.batch_alter_table('tempo_schedule_days', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tempo_schedule_days_account_id'), ['account_id'], unique=False)

    op.create_table('tempo_worklogs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tempo_worklog_id', sa.BigInteger(), nullable=False),
    sa.Column('issue_jira_id', sa.String(length=20), nullable=False),
    sa.Column('author_account_id', sa.String(length=128), nullable=False),
    sa.Column('start_date', sa.Date(), nullable=False),
    sa.Column('time_spent_seconds', sa.Integer(), nullable=False),
    sa.Column('billable_seconds', sa.Integer(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('synced_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('deleted_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_tempo_worklogs_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tempo_worklogs')),
    sa.UniqueConstraint('account_id', 'tempo_worklog_id', name=op.f('uq_tempo_worklogs_account_id_tempo_worklog_id'))
    )
    with op.batch_alter_table('tempo_worklogs', schema=None) as batch_op:
        batch_op.create_index('ix_tempo_worklogs_account_date', ['account_id', 'start_date', 'author_account_id'], unique=False)
        batch_op.create_index('ix_tempo_worklogs_account_issue', ['account_id', 'issue_jira_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_tempo_worklogs_account_id'), ['account_id'], unique=False)

    op.create_table('alert_feedback',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('delivery_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('useful', sa.Boolean(), nullable=False),
    sa.Column('given_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_alert_feedback_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['delivery_id'], ['alert_deliveries.id'], name=op.f('fk_alert_feedback_delivery_id_alert_deliveries'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_alert_feedback_member_id_members'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_feedback')),
    sa.UniqueConstraint('account_id', 'delivery_id', 'member_id', name=op.f('uq_alert_feedback_account_id_delivery_id_member_id'))
    )
    with op.batch_alter_table('alert_feedback', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alert_feedback_account_id'), ['account_id'], unique=False)

    op.create_table('alert_snoozes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('until', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_alert_snoozes_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_alert_snoozes_member_id_members'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_snoozes')),
    sa.UniqueConstraint('account_id', 'member_id', 'subject', name=op.f('uq_alert_snoozes_account_id_member_id_subject'))
    )
    with op.batch_alter_table('alert_snoozes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alert_snoozes_account_id'), ['account_id'], unique=False)

    op.create_table('effects',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('idempotency_key', sa.String(length=200), nullable=False),
    sa.Column('vendor', sa.String(length=20), nullable=False),
    sa.Column('operation', sa.String(length=40), nullable=False),
    sa.Column('target', sa.String(length=200), nullable=False),
    sa.Column('arguments', db.base.JsonDocument, nullable=False),
    sa.Column('actor_member_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(length=200), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('before', db.base.JsonDocument, nullable=True),
    sa.Column('after', db.base.JsonDocument, nullable=True),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('undoes_id', sa.Integer(), nullable=True),
    sa.Column('undone_by_id', sa.Integer(), nullable=True),
    sa.Column('correlation_id', sa.String(length=40), nullable=False),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('finished_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_effects_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['actor_member_id'], ['members.id'], name=op.f('fk_effects_actor_member_id_members'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['undoes_id'], ['effects.id'], name=op.f('fk_effects_undoes_id_effects'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['undone_by_id'], ['effects.id'], name=op.f('fk_effects_undone_by_id_effects'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_effects')),
    sa.UniqueConstraint('account_id', 'idempotency_key', name=op.f('uq_effects_account_id_idempotency_key'))
    )
    with op.batch_alter_table('effects', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_effects_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_effects_status'), ['status'], unique=False)
        batch_op.create_index(batch_op.f('ix_effects_target'), ['target'], unique=False)

    op.create_table('epic_assignment_suggestions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_key', sa.String(length=40), nullable=False),
    sa.Column('project_key', sa.String(length=20), nullable=False),
    sa.Column('ticket_summary', sa.Text(), nullable=False),
    sa.Column('suggested_epic', sa.String(length=40), nullable=True),
    sa.Column('confidence', sa.Double(), nullable=False),
    sa.Column('candidates', db.base.JsonDocument, nullable=False),
    sa.Column('suggested_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('accepted', sa.Boolean(), nullable=True),
    sa.Column('actual_epic', sa.String(length=40), nullable=True),
    sa.Column('decided_by_member_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_epic_assignment_suggestions_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['decided_by_member_id'], ['members.id'], name=op.f('fk_epic_assignment_suggestions_decided_by_member_id_members'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epic_assignment_suggestions')),
    sa.UniqueConstraint('account_id', 'ticket_key', 'suggested_at', name=op.f('uq_epic_assignment_suggestions_account_id_ticket_key_suggested_at'))
    )
    with op.batch_alter_table('epic_assignment_suggestions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_epic_assignment_suggestions_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_epic_assignment_suggestions_ticket_key'), ['ticket_key'], unique=False)

    op.create_table('projects',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_key', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('project_type', sa.String(length=20), nullable=False),
    sa.Column('pm_member_id', sa.Integer(), nullable=True),
    sa.Column('slack_channel_id', sa.String(length=40), nullable=True),
    sa.Column('monthly_retainer_minutes', sa.Integer(), nullable=True),
    sa.Column('stakeholder_member_ids', db.base.JsonDocument, nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_projects_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['pm_member_id'], ['members.id'], name=op.f('fk_projects_pm_member_id_members'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_projects')),
    sa.UniqueConstraint('account_id', 'project_key', name=op.f('uq_projects_account_id_project_key'))
    )
    with op.batch_alter_table('projects', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_projects_account_id'), ['account_id'], unique=False)

    op.create_table('ticket_focus',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('ticket_key', sa.String(length=40), nullable=False),
    sa.Column('focused_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_ticket_focus_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_ticket_focus_member_id_members'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_focus')),
    sa.UniqueConstraint('account_id', 'member_id', name=op.f('uq_ticket_focus_account_id_member_id'))
    )
    with op.batch_alter_table('ticket_focus', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_focus_account_id'), ['account_id'], unique=False)

    op.create_table('time_tracking_compliance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('week_start_date', sa.Date(), nullable=False),
    sa.Column('team', sa.String(length=100), nullable=False),
    sa.Column('seconds_logged', sa.Integer(), nullable=False),
    sa.Column('seconds_required', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('is_compliant', sa.Boolean(), nullable=False),
    sa.Column('missing_days', db.base.JsonDocument, nullable=False),
    sa.Column('notification_sent', sa.Boolean(), nullable=False),
    sa.Column('assessed_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_time_tracking_compliance_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_time_tracking_compliance_member_id_members'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_time_tracking_compliance')),
    sa.UniqueConstraint('account_id', 'member_id', 'week_start_date', name=op.f('uq_time_tracking_compliance_account_id_member_id_week_start_date'))
    )
    with op.batch_alter_table('time_tracking_compliance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_time_tracking_compliance_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_time_tracking_compliance_week_start_date'), ['week_start_date'], unique=False)

    op.create_table('user_teams',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('team', sa.String(length=100), nullable=False),
    sa.Column('pm_member_id', sa.Integer(), nullable=True),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_user_teams_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_user_teams_member_id_members'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['pm_member_id'], ['members.id'], name=op.f('fk_user_teams_pm_member_id_members'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_teams')),
    sa.UniqueConstraint('account_id', 'member_id', name=op.f('uq_user_teams_account_id_member_id'))
    )
    with op.batch_alter_table('user_teams', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_user_teams_account_id'), ['account_id'], unique=False)


    enable_row_level_security(['account_settings', 'agent_runs', 'alert_deliveries', 'alert_feedback', 'alert_snoozes', 'audit_entries', 'effects', 'epic_assignment_compliance', 'epic_assignment_suggestions', 'jira_field_changes', 'jira_issues', 'members', 'mirror_states', 'model_calls', 'projects', 'tempo_schedule_days', 'tempo_worklogs', 'ticket_focus', 'time_tracking_compliance', 'user_teams'])
    make_append_only("audit_entries")
