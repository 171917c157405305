"""the tables of FlowPilot sessions and of the HTTP API"""

import sqlalchemy as sa
from alembic import op

import db.base
from db.migrations.protection import enable_row_level_security
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ai_sessions',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('session_type', sa.String(length=20), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('problem', sa.Text(), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('team', sa.String(length=100), nullable=False),
    sa.Column('company', sa.String(length=200), nullable=False),
    sa.Column('opened_by_member_id', sa.Integer(), nullable=True),
    sa.Column('slack_channel_id', sa.String(length=40), nullable=True),
    sa.Column('thread_ts', sa.String(length=40), nullable=True),
    sa.Column('lane_ts', sa.String(length=40), nullable=True),
    sa.Column('state_version', sa.Integer(), nullable=False),
    sa.Column('pending_task_lane', db.base.JsonDocument, nullable=False),
    sa.Column('artifacts', db.base.JsonDocument, nullable=False),
    sa.Column('psa_provider', sa.String(length=20), nullable=True),
    sa.Column('psa_ticket_id', sa.String(length=60), nullable=True),
    sa.Column('psa_ticket', db.base.JsonDocument, nullable=False),
    sa.Column('resolution_note_external_id', sa.String(length=100), nullable=True),
    sa.Column('escalation_package_external_id', sa.String(length=100), nullable=True),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('closed_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_ai_sessions_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['opened_by_member_id'], ['members.id'], name=op.f('fk_ai_sessions_opened_by_member_id_members'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ai_sessions')),
    sa.UniqueConstraint('account_id', 'slack_channel_id', 'thread_ts', name=op.f('uq_ai_sessions_account_id_slack_channel_id_thread_ts'))
    )
    with op.batch_alter_table('ai_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ai_sessions_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_ai_sessions_status', ['account_id', 'status', 'updated_at'], unique=False)
        batch_op.create_index('ix_ai_sessions_ticket', ['account_id', 'psa_ticket_id'], unique=False)

    op.create_table('api_requests',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('headers', db.base.JsonDocument, nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('operation_id', sa.String(length=36), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('leased_until', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_api_requests_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_requests')),
    sa.UniqueConstraint('account_id', 'key', name=op.f('uq_api_requests_account_id_key'))
    )
    with op.batch_alter_table('api_requests', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_api_requests_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_api_requests_created_at'), ['created_at'], unique=False)

    op.create_table('api_tokens',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_api_tokens_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_api_tokens_member_id_members'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_tokens_token_hash'))
    )
    with op.batch_alter_table('api_tokens', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_api_tokens_account_id'), ['account_id'], unique=False)

    op.create_table('script_templates',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('symptoms', db.base.JsonDocument, nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('parameters', db.base.JsonDocument, nullable=False),
    sa.Column('risk', sa.String(length=20), nullable=False),
    sa.Column('changes', sa.Text(), nullable=False),
    sa.Column('rollback', sa.Text(), nullable=False),
    sa.Column('source_session_id', sa.String(length=36), nullable=True),
    sa.Column('source_member_id', sa.Integer(), nullable=True),
    sa.Column('source_ticket_ref', sa.String(length=100), nullable=True),
    sa.Column('retired_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_script_templates_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['source_member_id'], ['members.id'], name=op.f('fk_script_templates_source_member_id_members'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_script_templates')),
    sa.UniqueConstraint('account_id', 'name', name=op.f('uq_script_templates_account_id_name'))
    )
    with op.batch_alter_table('script_templates', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_script_templates_account_id'), ['account_id'], unique=False)

    op.create_table('draft_templates',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('session_id', sa.String(length=36), nullable=False),
    sa.Column('fix_id', sa.String(length=36), nullable=True),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('symptoms', db.base.JsonDocument, nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('parameters', db.base.JsonDocument, nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('decided_by_member_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_draft_templates_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['decided_by_member_id'], ['members.id'], name=op.f('fk_draft_templates_decided_by_member_id_members'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['session_id'], ['ai_sessions.id'], name=op.f('fk_draft_templates_session_id_ai_sessions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft_templates'))
    )
    with op.batch_alter_table('draft_templates', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_draft_templates_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_draft_templates_session_id'), ['session_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_draft_templates_status'), ['status'], unique=False)

    op.create_table('script_generations',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('ai_session_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('fix_id', sa.String(length=36), nullable=True),
    sa.Column('template_id', sa.String(length=36), nullable=True),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('parameters', db.base.JsonDocument, nullable=False),
    sa.Column('path', sa.String(length=20), nullable=False),
    sa.Column('created_by_member_id', sa.Integer(), nullable=True),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_script_generations_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ai_session_id'], ['ai_sessions.id'], name=op.f('fk_script_generations_ai_session_id_ai_sessions'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['created_by_member_id'], ['members.id'], name=op.f('fk_script_generations_created_by_member_id_members'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_script_generations')),
    sa.UniqueConstraint('account_id', 'ai_session_id', 'number', name=op.f('uq_script_generations_account_id_ai_session_id_number'))
    )
    with op.batch_alter_table('script_generations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_script_generations_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_script_generations_ai_session_id'), ['ai_session_id'], unique=False)

    op.create_table('session_facts',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('session_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('source_type', sa.String(length=20), nullable=False),
    sa.Column('source_ref', sa.String(length=36), nullable=True),
    sa.Column('created_by_member_id', sa.Integer(), nullable=True),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('deleted_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('changed_in', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_session_facts_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['created_by_member_id'], ['members.id'], name=op.f('fk_session_facts_created_by_member_id_members'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['session_id'], ['ai_sessions.id'], name=op.f('fk_session_facts_session_id_ai_sessions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_facts')),
    sa.UniqueConstraint('account_id', 'session_id', 'number', name=op.f('uq_session_facts_account_id_session_id_number'))
    )
    with op.batch_alter_table('session_facts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_facts_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_session_facts_session_id'), ['session_id'], unique=False)

    op.create_table('session_messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.String(length=36), nullable=False),
    sa.Column('author', sa.String(length=20), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('slack_ts', sa.String(length=40), nullable=True),
    sa.Column('answered_by', sa.String(length=100), nullable=False),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_session_messages_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_session_messages_member_id_members'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['session_id'], ['ai_sessions.id'], name=op.f('fk_session_messages_session_id_ai_sessions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_messages')),
    sa.UniqueConstraint('account_id', 'session_id', 'slack_ts', name=op.f('uq_session_messages_account_id_session_id_slack_ts'))
    )
    with op.batch_alter_table('session_messages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_messages_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_session_messages_session', ['account_id', 'session_id', 'id'], unique=False)

    op.create_table('session_suggested_fixes',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('session_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('root_cause', sa.Text(), nullable=False),
    sa.Column('fact_numbers', db.base.JsonDocument, nullable=False),
    sa.Column('script_language', sa.String(length=20), nullable=False),
    sa.Column('script_body', sa.Text(), nullable=False),
    sa.Column('template_id', sa.String(length=36), nullable=True),
    sa.Column('proposed_by', sa.String(length=100), nullable=False),
    sa.Column('user_decision', sa.String(length=20), nullable=True),
    sa.Column('decided_by_member_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('superseded_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_in', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_session_suggested_fixes_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['decided_by_member_id'], ['members.id'], name=op.f('fk_session_suggested_fixes_decided_by_member_id_members'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['session_id'], ['ai_sessions.id'], name=op.f('fk_session_suggested_fixes_session_id_ai_sessions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_suggested_fixes')),
    sa.UniqueConstraint('account_id', 'session_id', 'number', name=op.f('uq_session_suggested_fixes_account_id_session_id_number'))
    )
    with op.batch_alter_table('session_suggested_fixes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_suggested_fixes_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_session_suggested_fixes_session_id'), ['session_id'], unique=False)

    op.create_table('session_answers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.String(length=36), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=True),
    sa.Column('channel_id', sa.String(length=40), nullable=False),
    sa.Column('slack_ts', sa.String(length=40), nullable=True),
    sa.Column('stop_asked_by', sa.String(length=40), nullable=False),
    sa.Column('started_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', db.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_session_answers_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['message_id'], ['session_messages.id'], name=op.f('fk_session_answers_message_id_session_messages'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['session_id'], ['ai_sessions.id'], name=op.f('fk_session_answers_session_id_ai_sessions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_answers'))
    )
    with op.batch_alter_table('session_answers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_answers_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_session_answers_session_id'), ['session_id'], unique=False)
        batch_op.create_index('ix_session_answers_open', ['account_id', 'ended_at'], unique=False)

    op.create_table('session_answer_feedback',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('answer_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('useful', sa.Boolean(), nullable=False),
    sa.Column('given_at', db.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_session_answer_feedback_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['answer_id'], ['session_answers.id'], name=op.f('fk_session_answer_feedback_answer_id_session_answers'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_session_answer_feedback_member_id_members'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_answer_feedback')),
    sa.UniqueConstraint('account_id', 'answer_id', 'member_id', name=op.f('uq_session_answer_feedback_account_id_answer_id_member_id'))
    )
    with op.batch_alter_table('session_answer_feedback', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_answer_feedback_account_id'), ['account_id'], unique=False)

    with op.batch_alter_table('model_calls', schema=None) as batch_op:
        batch_op.add_column(sa.Column('subject', sa.String(length=60), nullable=False, server_default=''))
        batch_op.create_index(batch_op.f('ix_model_calls_subject'), ['subject'], unique=False)

    enable_row_level_security(['ai_sessions', 'api_requests', 'api_tokens', 'draft_templates', 'script_generations', 'script_templates', 'session_answer_feedback', 'session_answers', 'session_facts', 'session_messages', 'session_suggested_fixes'])
