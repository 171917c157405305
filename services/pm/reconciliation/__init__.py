"""The month's hours against its forecasts, and the workbook that says so."""
