################################################################################
# WebSocket API
################################################################################

output "websocket_url" {
  description = "URL that clients connect to: wss://{api-id}.execute-api.{region}.amazonaws.com/{stage}, or wss:// and `domain_name`."
  value       = local.has_domain ? "wss://${one(aws_apigatewayv2_api_mapping.signaling[*].domain_name)}" : aws_apigatewayv2_stage.signaling.invoke_url
}

output "execute_api_url" {
  description = "URL of the API itself, also with `domain_name`; null if `disable_execute_api_endpoint` has turned it off."
  value       = var.disable_execute_api_endpoint ? null : aws_apigatewayv2_stage.signaling.invoke_url
}

output "domain_target" {
  description = "Where the DNS record of `domain_name` has to point, if you make it yourself: a CNAME to `name`, or in Route 53 an alias of `name` in `zone_id`. Null without a domain."
  value = one([
    for domain in aws_apigatewayv2_domain_name.signaling : {
      name    = domain.domain_name_configuration[0].target_domain_name
      zone_id = domain.domain_name_configuration[0].hosted_zone_id
    }
  ])
}

################################################################################
# Function
################################################################################

output "lambda_function_name" {
  description = "Name of the function, for `aws lambda get-function --function-name`."
  value       = aws_lambda_function.signaling_server.function_name
}

output "lambda_served_version" {
  description = "Number of the published version that clients are served by. Note it before an upgrade: `function_version` takes it to roll back."
  value       = aws_lambda_alias.live.function_version
}

output "artifact_bucket_name" {
  description = "Name of the bucket that the function is deployed from; null if there is none."
  value       = local.artifact_bucket
}

output "lambda_log_group_name" {
  description = "Name of the function's log group, for `aws logs tail <name> --follow`."
  value       = aws_cloudwatch_log_group.signaling.name
}

################################################################################
# Table
################################################################################

output "connections_table_name" {
  description = "Name of the DynamoDB table that holds who is connected."
  value       = aws_dynamodb_table.connections.name
}

################################################################################
# Callbacks
################################################################################

output "api_id" {
  description = "Id of the WebSocket API, the {api-id} of its URLs."
  value       = aws_apigatewayv2_api.signaling.id
}

output "callback_endpoint" {
  description = "URL at which the function posts to connections: https://{api-id}.execute-api.{region}.amazonaws.com/{stage}, or `callback_endpoint` if that is set."
  value       = local.callback_endpoint
}
