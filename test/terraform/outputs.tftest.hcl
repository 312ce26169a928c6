# What `terraform output` says after an apply.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

variables {
  lambda_package_path = "test/terraform/fixtures/lambda.zip"
}

run "gives_a_wss_url" {
  assert {
    condition     = output.websocket_url == "wss://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod"
    error_message = "websocket_url is ${output.websocket_url}."
  }
}

run "names_what_one_looks_for_next" {
  assert {
    condition = jsonencode([
      output.lambda_function_name, output.lambda_log_group_name, output.connections_table_name, output.api_id,
      ]) == jsonencode([
      "p2pmesh-signaling-prod", "/aws/lambda/p2pmesh-signaling-prod", "p2pmesh-signaling-prod", "a1b2c3d4e5",
    ])
    error_message = "The names differ from those that the README tells users to paste."
  }
}
