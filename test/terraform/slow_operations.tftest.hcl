# Metrics, alarms, the dashboard and the access logs: off, on, and in combinations that have no effect or cannot work.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

variables {
  lambda_package_path = "test/terraform/fixtures/lambda.zip"
}

# Lambda would drop the lines that CloudWatch makes metrics of.
run "lets_reports_pass_lambdas_filter_while_there_are_metrics" {
  command = plan

  variables {
    metrics      = "on"
    log_level    = "error"
    project_name = "mesh"
  }

  assert {
    condition = (
      aws_lambda_function.signaling_server.logging_config[0].application_log_level == "INFO" &&
      local.environment.LOG_LEVEL == "error" && local.environment.METRICS == "on" &&
      local.environment.SERVICE == "mesh" && local.environment.STAGE == "prod"
    )
    error_message = "Lambda's filter is ${aws_lambda_function.signaling_server.logging_config[0].application_log_level}, the environment ${jsonencode(local.environment)}."
  }
}

run "rejects_other_words_for_metrics" {
  command = plan

  variables {
    metrics = "yes"
  }

  expect_failures = [var.metrics]
}
