"""The data files of SMTP Workbench, read through `smtp_workbench.resource`."""
