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

run "adds_nothing_that_is_billed_by_the_month_unless_it_is_asked_for" {
  command = plan

  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.signaling) + length(aws_cloudwatch_dashboard.signaling) +
      length(aws_cloudwatch_log_group.access) + length(aws_iam_role.account_logging) + length(aws_api_gateway_account.logging)
    ) == 0
    error_message = "A plain apply makes alarms, a dashboard, access logs or the account's role."
  }

  assert {
    condition     = length(aws_apigatewayv2_stage.signaling.access_log_settings) == 0
    error_message = "A plain apply logs accesses."
  }
}

run "watches_everything_that_is_asked_for" {
  variables {
    create_dashboard            = true
    create_alarms               = true
    alarm_actions               = ["arn:aws:sns:us-east-1:123456789012:on-call"]
    ok_actions                  = ["arn:aws:sns:us-east-1:123456789012:relief"]
    alarm_dollars_per_hour      = 2.5
    alarm_refused_connects      = 7
    lambda_reserved_concurrency = 50
    create_access_logs          = true
    access_log_addresses        = true
    manage_account_logging      = true
    log_retention_days          = 7
  }

  # Someone who is woken up reads the description first.
  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.signaling :
      can(regex("^[A-Z].*[.] See docs/operations.md, section \"(Alarm: [a-zA-Z ]+)\"[.]$", alarm.alarm_description)) &&
      length(alarm.alarm_description) <= 1024 &&
      strcontains(
        file("docs/operations.md"),
        "\n#### ${regex("section \"(Alarm: [a-zA-Z ]+)\"", alarm.alarm_description)[0]}\n",
      )
    ])
    error_message = "An alarm does not say what to do first, or names a section that docs/operations.md lacks: ${jsonencode([for alarm in aws_cloudwatch_metric_alarm.signaling : alarm.alarm_description])}."
  }

  # and no section is about an alarm that is gone
  assert {
    condition = toset(regexall("\n#### (Alarm: [a-zA-Z ]+)", file("docs/operations.md"))[*][0]) == toset([
      for alarm in aws_cloudwatch_metric_alarm.signaling : regex("section \"(Alarm: [a-zA-Z ]+)\"", alarm.alarm_description)[0]
    ])
    error_message = "docs/operations.md has other sections than there are alarms."
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.signaling :
      alarm.treat_missing_data == "notBreaching" &&
      alarm.alarm_actions == toset(["arn:aws:sns:us-east-1:123456789012:on-call"]) &&
      alarm.ok_actions == toset(["arn:aws:sns:us-east-1:123456789012:relief"])
    ])
    error_message = "An alarm tells someone else, or leaves missing data to chance."
  }

  # CloudWatch keeps a day of data for an alarm, and bills each metric that it reads.
  assert {
    condition     = alltrue([for alarm in local.alarms : alarm.period * alarm.periods[1] <= 86400 && alarm.periods[0] <= alarm.periods[1]])
    error_message = "An alarm looks back further than CloudWatch does."
  }

  assert {
    condition = strcontains(file("docs/costs.md"), format(
      "%d alarms read %d metrics",
      length(aws_cloudwatch_metric_alarm.signaling),
      sum([for alarm in aws_cloudwatch_metric_alarm.signaling : max(1, length([for query in alarm.metric_query : query if length(query.metric) > 0]))]),
    ))
    error_message = "docs/costs.md is to name the ${length(aws_cloudwatch_metric_alarm.signaling)} alarms and their ${sum([for alarm in aws_cloudwatch_metric_alarm.signaling : max(1, length([for query in alarm.metric_query : query if length(query.metric) > 0]))])} metrics."
  }

  assert {
    condition = jsonencode([
      for name in ["spend-messages", "connects-refused", "function-concurrency", "function-duration"] :
      aws_cloudwatch_metric_alarm.signaling[name].threshold
    ]) == jsonencode([2500000, 7, 40, 23200])
    error_message = "The thresholds are ${jsonencode({ for name, alarm in aws_cloudwatch_metric_alarm.signaling : name => alarm.threshold })}."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.signaling["spend-messages"].dimensions == tomap({ ApiId = "a1b2c3d4e5", Stage = "prod" }) &&
      aws_cloudwatch_metric_alarm.signaling["function-errors"].dimensions == tomap({ FunctionName = "p2pmesh-signaling-prod" }) &&
      aws_cloudwatch_metric_alarm.signaling["table-read-throttles"].dimensions == tomap({ TableName = "p2pmesh-signaling-prod" }) &&
      aws_cloudwatch_metric_alarm.signaling["internal-errors"].dimensions == tomap({ Service = "p2pmesh-signaling", Stage = "prod" }) &&
      aws_cloudwatch_metric_alarm.signaling["internal-errors"].dimensions.Service == local.environment.SERVICE
    )
    error_message = "An alarm reads a metric that nothing writes."
  }

  # A percentage has one result, made of two metrics.
  assert {
    condition = alltrue([
      for name in ["callbacks-failing", "evictions"] : (
        length(aws_cloudwatch_metric_alarm.signaling[name].metric_query) == 3 &&
        [for query in aws_cloudwatch_metric_alarm.signaling[name].metric_query : query.id if query.return_data == true] == ["percentage"] &&
        aws_cloudwatch_metric_alarm.signaling[name].metric_name == null
      )
    ])
    error_message = "The queries are ${jsonencode(aws_cloudwatch_metric_alarm.signaling["evictions"].metric_query)}."
  }

  # the dashboard
  assert {
    condition = (
      length(jsondecode(aws_cloudwatch_dashboard.signaling[0].dashboard_body).widgets) == 18 &&
      length(distinct([for widget in jsondecode(aws_cloudwatch_dashboard.signaling[0].dashboard_body).widgets : "${widget.x} ${widget.y}"])) == 18 &&
      alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.signaling[0].dashboard_body).widgets : widget.x + widget.width <= 24])
    )
    error_message = "The dashboard is ${aws_cloudwatch_dashboard.signaling[0].dashboard_body}."
  }

  assert {
    condition = alltrue([
      for name in ["a1b2c3d4e5", "ConnectCount", "Duration", "P2PMeshSignaling", "Error_PEER_NOT_FOUND", "arn:aws:cloudwatch", "messages / 1000000"] :
      strcontains(aws_cloudwatch_dashboard.signaling[0].dashboard_body, name)
    ])
    error_message = "The dashboard is ${aws_cloudwatch_dashboard.signaling[0].dashboard_body}."
  }

  # the access logs
  assert {
    condition = (
      aws_cloudwatch_log_group.access[0].name == "/aws/apigateway/p2pmesh-signaling-prod" &&
      aws_cloudwatch_log_group.access[0].retention_in_days == 7 &&
      aws_apigatewayv2_stage.signaling.access_log_settings[0].destination_arn == aws_cloudwatch_log_group.access[0].arn &&
      jsondecode(aws_apigatewayv2_stage.signaling.access_log_settings[0].format).sourceIp == "$context.identity.sourceIp" &&
      length(aws_apigatewayv2_stage.signaling.access_log_settings[0].format) <= 3072
    )
    error_message = "The stage logs ${jsonencode(aws_apigatewayv2_stage.signaling.access_log_settings)}."
  }

  assert {
    condition = (
      aws_api_gateway_account.logging[0].cloudwatch_role_arn == aws_iam_role.account_logging[0].arn &&
      aws_iam_role_policy_attachment.account_logging[0].policy_arn == "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs" &&
      jsonencode([for principal in data.aws_iam_policy_document.account_logging_trust.statement[0].principals : principal.identifiers]) == jsonencode([["apigateway.amazonaws.com"]]) &&
      length(aws_iam_role.account_logging[0].name_prefix) <= 38 && aws_iam_role.account_logging[0].name_prefix == "p2pmesh-signaling-prod-logs-us-east-1-"
    )
    error_message = "The account's role is ${jsonencode(aws_iam_role.account_logging[0].name_prefix)}."
  }
}

run "leaves_out_what_has_no_metrics_and_what_is_the_accounts" {
  variables {
    metrics                = "off"
    create_dashboard       = true
    create_alarms          = true
    alarm_concurrency      = 8
    create_access_logs     = true
    manage_account_logging = false
  }

  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.signaling) == 11 &&
      alltrue([for alarm in aws_cloudwatch_metric_alarm.signaling : startswith(alarm.namespace, "AWS/")]) &&
      aws_cloudwatch_metric_alarm.signaling["function-concurrency"].threshold == 8
    )
    error_message = "The alarms are ${jsonencode(keys(aws_cloudwatch_metric_alarm.signaling))}."
  }

  assert {
    condition     = !strcontains(aws_cloudwatch_dashboard.signaling[0].dashboard_body, "P2PMeshSignaling")
    error_message = "The dashboard shows metrics that nothing writes."
  }

  assert {
    condition = (
      length(aws_api_gateway_account.logging) == 0 && length(aws_iam_role.account_logging) == 0 &&
      !strcontains(aws_apigatewayv2_stage.signaling.access_log_settings[0].format, "identity") &&
      !strcontains(aws_apigatewayv2_stage.signaling.access_log_settings[0].format, "body")
    )
    error_message = "The stage logs ${jsonencode(aws_apigatewayv2_stage.signaling.access_log_settings)}."
  }
}

# AWS would refuse the stage half-way through the apply.
run "asks_whether_the_account_has_a_role_for_logs" {
  command = plan

  variables {
    create_access_logs = true
  }

  expect_failures = [aws_cloudwatch_log_group.access]
}

run "rejects_settings_of_alarms_and_logs_that_have_no_effect_or_no_sense" {
  command = plan

  variables {
    alarm_actions          = ["arn:aws:sns:us-east-1:123456789012:on-call"]
    ok_actions             = ["arn:aws:sns:us-east-1:123456789012:relief"]
    alarm_dollars_per_hour = 0
    alarm_refused_connects = 0
    alarm_concurrency      = 0.5
    access_log_addresses   = true
  }

  expect_failures = [
    var.alarm_actions,
    var.ok_actions,
    var.alarm_dollars_per_hour,
    var.alarm_refused_connects,
    var.alarm_concurrency,
    var.access_log_addresses,
  ]
}

run "rejects_actions_that_are_no_arns" {
  command = plan

  variables {
    create_alarms = true
    alarm_actions = ["on-call@example.com"]
    ok_actions    = [for number in range(6) : "arn:aws:sns:us-east-1:123456789012:topic${number}"]
  }

  expect_failures = [var.alarm_actions, var.ok_actions]
}
